<?php
/**
 * An order of Fallback Checkout is placed, changed and cancelled here, each in one transaction that begins with its row in the book.
 *
 * Every request may come twice, or an hour late: the row says what was done before.
 */

namespace FallbackCheckout\Woo;

defined( 'ABSPATH' ) || exit;

const SHIPPED = 'completed';

/** The row of the order for this ref; the one that is there if it came before. */
function place( string $ref, array $agreed ): object {
	$row = row_by( 'ref', $ref );
	if ( null === $row ) {
		in_transaction(
			function () use ( $ref, $agreed ) {
				if ( claim( $ref, $agreed['cart_id'] ) ) {
					make_order( $ref, $agreed );
				}
			},
			function () use ( $ref ) {
				claimed_row( 0 );
				undo_order( $ref );
			}
		);
		claimed_row( 0 );
		$row = row_by( 'ref', $ref );
	}
	if ( null === $row ) {
		throw new Refusal( 'busy', 503, 'The row of this order was taken back at the same moment.' );
	}
	$order = $row->withdrawn ? null : wc_get_order( $row->order_id );
	if ( ! $order || $order->has_status( OVER ) ) {
		throw new Refusal( 'cancelled', 409, "$ref was cancelled before." );
	}
	// The money is authorized and not captured: on hold is what WooCommerce calls that. Its mails go out now, after the commit.
	if ( $order->has_status( 'pending' ) ) {
		$order->update_status( 'on-hold', "Taken by Fallback Checkout as $ref. It is paid once the payment is captured." );
	}
	return row_by( 'ref', $ref );
}

/** Whether there is a row now for us to fill: another request may have this ref. Refuses a cart that another order has. */
function claim( string $ref, string $cart_id ): bool {
	global $wpdb;
	$sql = 'INSERT INTO ' . book() . ' (ref, cart_id, open_cart, created) VALUES (%s, %s, %s, %s)';
	// That another order is there is an answer, and no error for the log.
	$logged = $wpdb->suppress_errors();
	$made   = $wpdb->query( $wpdb->prepare( $sql, $ref, $cart_id, $cart_id, now() ) );
	$wpdb->suppress_errors( $logged );
	if ( $made ) {
		claimed_row( $wpdb->insert_id );
		return true;
	}
	if ( row_by( 'ref', $ref, 'LOCK IN SHARE MODE' ) ) {
		return false;
	}
	$rival = row_by( 'open_cart', $cart_id, 'LOCK IN SHARE MODE' );
	if ( $rival && $rival->order_id ) {
		throw new Refusal( 'cart_already_ordered', 409, "Another order has the cart $cart_id.", array( 'order' => shown( $rival ) ) );
	}
	throw new Refusal( 'busy', 503, 'Another order for this cart is being placed.' );
}

function make_order( string $ref, array $agreed ): void {
	$order = new \WC_Order();
	$order->set_created_via( 'fallback-checkout' );
	$order->set_currency( $agreed['currency'] );
	$order->set_status( 'pending' );
	$order->set_payment_method( 'fallback-checkout' );
	$order->set_payment_method_title( 'Card (Fallback Checkout)' );
	$order->set_transaction_id( $agreed['transaction_id'] ?? '' );
	$order->set_customer_note( $agreed['customer_note'] ?? '' );
	$order->set_customer_id( account( $agreed['customer_id'] ?? '' ) );
	if ( ! empty( $agreed['vat_id'] ) ) {
		$order->update_meta_data( 'VAT ID', sanitize_text_field( $agreed['vat_id'] ) );
	}
	$order->update_meta_data( '_fallback_ref', $ref );
	set_address( $order, 'billing', $agreed['billing'] );
	set_address( $order, 'shipping', $agreed['shipping'] );
	take_from_stock( $agreed['line_items'], null );
	$order->save();
	fill( $order, $agreed );
	wc_maybe_reduce_stock_levels( $order->get_id() );
}

/** The account that was signed in when the cart was signed; 0, a guest, if it is no more. */
function account( string $id ): int {
	return ctype_digit( $id ) && get_userdata( (int) $id ) ? (int) $id : 0;
}

/** What was written after the database had ended our transaction. */
function undo_order( string $ref ): void {
	wp_cache_flush_runtime();
	foreach ( wc_get_orders( array( 'meta_key' => '_fallback_ref', 'meta_value' => $ref, 'limit' => 5, 'type' => 'shop_order' ) ) as $order ) {
		$row = row_by( 'order_id', $order->get_id() );
		if ( ! $row || $row->ref !== $ref ) {
			wc_maybe_increase_stock_levels( $order->get_id() );
			$order->delete( true );
		}
	}
}

/** Carries out a change that is newer than the last one. */
function amend( string $ref, array $agreed ): object {
	in_transaction(
		function () use ( $ref, $agreed ) {
			global $wpdb;
			list( $row, $order ) = still_here( $ref );
			if ( ! $row->order_id || $order->has_status( OVER ) ) {
				throw new Refusal( 'cancelled', 409, "$ref was cancelled." );
			}
			$number = (int) ( $agreed['amendment'] ?? 0 );
			if ( $number && $number < $row->amendment ) {
				throw new Refusal( 'outdated', 409, "The change {$row->amendment} came before {$number}." );
			}
			if ( $number && $number === (int) $row->amendment ) {
				return;
			}
			foreach ( array( 'billing', 'shipping' ) as $kind ) {
				if ( isset( $agreed[ $kind ] ) ) {
					set_address( $order, $kind, $agreed[ $kind ] );
				}
			}
			$order->save();
			if ( isset( $agreed['line_items'] ) ) {
				take_from_stock( $agreed['line_items'], $order );
				wc_maybe_increase_stock_levels( $order->get_id() );
				$order = wc_get_order( $order->get_id() );
				fill( $order, $agreed );
				wc_maybe_reduce_stock_levels( $order->get_id() );
			}
			$wpdb->update( book(), array( 'amendment' => max( $number, (int) $row->amendment ) ), array( 'id' => $row->id ) );
		},
		'wp_cache_flush_runtime'
	);
	return row_by( 'ref', $ref );
}

/** From now on this ref has no order that stands, and none that comes. */
function withdraw( string $ref ): object {
	global $wpdb;
	$wpdb->query( $wpdb->prepare( 'INSERT IGNORE INTO ' . book() . ' (ref, withdrawn, created) VALUES (%s, 1, %s)', $ref, now() ) );
	in_transaction(
		function () use ( $ref ) {
			global $wpdb;
			list( $row, $order ) = still_here( $ref );
			if ( $order && ! $order->has_status( OVER ) ) {
				$order->update_status( 'cancelled', 'Cancelled by Fallback Checkout.' );
			}
			$wpdb->update( book(), array( 'withdrawn' => 1, 'open_cart' => null ), array( 'id' => $row->id ) );
		},
		'wp_cache_flush_runtime'
	);
	return row_by( 'ref', $ref );
}

/** The row, locked until the end of the transaction, and its order, read after that. */
function still_here( string $ref ): array {
	$row = locked_row( 'ref', $ref );
	if ( ! $row ) {
		throw new Refusal( 'not_found', 404, "There is no order $ref." );
	}
	wp_cache_flush_runtime();
	$order = $row->order_id ? wc_get_order( $row->order_id ) : null;
	if ( $order && $order->has_status( SHIPPED ) ) {
		throw new Refusal( 'already_shipped', 409, "{$order->get_order_number()} is completed." );
	}
	return array( $row, $order ?: null );
}

/** Cancels an order that the shop took itself, unless it was paid meanwhile. */
function cancel_unpaid( int $order_id ): object {
	return in_transaction(
		function () use ( $order_id ) {
			global $wpdb;
			$row = locked_row( 'order_id', $order_id );
			wp_cache_flush_runtime();
			$order = $row ? wc_get_order( $order_id ) : null;
			if ( ! $order ) {
				throw new Refusal( 'not_found', 404, "There is no order $order_id." );
			}
			if ( $order->has_status( OVER ) ) {
				return $row;
			}
			if ( $row->ref || $row->paying || ! $order->has_status( array( 'pending', 'failed' ) ) ) {
				throw new Refusal( 'already_paid', 409, "{$order->get_order_number()} is {$order->get_status()}." );
			}
			$wpdb->update( book(), array( 'withdrawn' => 1, 'open_cart' => null ), array( 'id' => $row->id ) );
			$order->update_status( 'cancelled', 'Not paid; the same cart was bought through Fallback Checkout.' );
			return $row;
		},
		'wp_cache_flush_runtime'
	);
}

// A payment and a cancellation at the same moment: whoever marks the row first is right.
add_action(
	'woocommerce_pre_payment_complete',
	function ( $order_id ) {
		global $wpdb;
		$row = row_by( 'order_id', $order_id );
		if ( $row && ! $wpdb->query( $wpdb->prepare( 'UPDATE ' . book() . ' SET paying = paying + 1 WHERE id = %d AND withdrawn = 0', $row->id ) ) ) {
			throw new \Exception( 'This order was cancelled before its payment came: the customer has to get this payment back.' );
		}
	}
);
