<?php
/** A purchase that Fallback Checkout has in hand: this shop does not sell it again, and says where the order is. */

namespace FallbackCheckout\Woo;

use Automattic\WooCommerce\StoreApi\Exceptions\RouteException;

defined( 'ABSPATH' ) || exit;

// Seconds. A customer stands in the checkout meanwhile.
const PATIENCE = 1.5;
const NEW_CART = 'fallback_new_cart';

/** What to tell the customer whose order came to this shop from Fallback Checkout; null if the cart is free. */
function placed(): ?string {
	$id  = WC()->session ? WC()->session->get( 'fallback_cart_id' ) : null;
	$row = $id && WC()->cart && ! WC()->cart->is_empty() ? row_by( 'open_cart', $id ) : null;
	if ( ! $row || ! $row->ref || ! $row->order_id ) {
		return null;
	}
	/* translators: 1: reference of the order, 2: its number in this shop */
	return sprintf( __( 'Your order %1$s is with us. Its number in this shop is %2$s.', 'fallback-checkout' ), $row->ref, wc_get_order( $row->order_id )->get_order_number() );
}

/** What to tell the customer, as HTML; null if the cart is free. */
function in_hand(): ?string {
	$placed = placed();
	if ( $placed || ! WC()->session || ! WC()->cart || WC()->cart->is_empty() || missing_settings() ) {
		return $placed;
	}
	$answer = wp_remote_get(
		untrailingslashit( FALLBACK_URL ) . '/v1/purchases/' . rawurlencode( cart_id() ),
		array( 'timeout' => PATIENCE, 'redirection' => 0, 'headers' => array( 'Authorization' => 'Bearer ' . FALLBACK_SHOP_TOKEN ) )
	);
	// No answer: the shop goes on selling. The book has room for one order of a cart, so the other one is refused later.
	$purchase = 200 === wp_remote_retrieve_response_code( $answer ) ? json_decode( wp_remote_retrieve_body( $answer ), true ) : null;
	if ( empty( $purchase['captured'] ) ) {
		return null;
	}
	return sprintf(
		/* translators: 1: reference of the order, 2: its address, 3: address that empties the cart */
		__( 'We have this purchase already, as %1$s. <a href="%2$s">View your order</a> or <a href="%3$s">begin a new cart</a>.', 'fallback-checkout' ),
		esc_html( $purchase['ref'] ),
		esc_url( $purchase['order_url'] ),
		esc_url( wp_nonce_url( add_query_arg( NEW_CART, '1', wc_get_cart_url() ), NEW_CART ) )
	);
}

add_action(
	'woocommerce_before_checkout_form',
	function () {
		$notice = in_hand();
		if ( $notice ) {
			wc_print_notice( $notice, 'notice' );
		}
	},
	1
);

add_action(
	'woocommerce_checkout_process',
	function () {
		$notice = in_hand();
		if ( $notice ) {
			wc_add_notice( $notice, 'error' );
		}
	}
);

add_action(
	'wp_loaded',
	function () {
		if ( isset( $_GET[ NEW_CART ], $_GET['_wpnonce'] ) && wp_verify_nonce( sanitize_key( $_GET['_wpnonce'] ), NEW_CART ) && WC()->cart ) {
			WC()->cart->empty_cart();
			wp_safe_redirect( wc_get_page_permalink( 'shop' ) );
			exit;
		}
	},
	20
);

add_action( 'woocommerce_checkout_order_processed', fn( $id, $posted, $order ) => take_cart( $order, \Exception::class ), 1, 3 );
add_action(
	'woocommerce_store_api_checkout_update_order_from_request',
	function () {
		$notice = in_hand();
		if ( $notice ) {
			throw new RouteException( 'fallback_in_hand', wp_kses_post( $notice ), 409 );
		}
	}
);
add_action( 'woocommerce_store_api_checkout_order_processed', fn( $order ) => take_cart( $order, RouteException::class ), 1 );

/** Before the customer pays here: this order has the cart now, unless one of Fallback Checkout has it. */
function take_cart( \WC_Order $order, string $refusal ): void {
	global $wpdb;
	$cart = cart_id();
	$own  = own_row( $order->get_id() );
	// The customer tries again: an earlier order of theirs for this cart gives way.
	$wpdb->query( $wpdb->prepare( 'UPDATE ' . book() . ' SET open_cart = NULL WHERE open_cart = %s AND ref IS NULL AND id <> %d', $cart, $own->id ) );
	$wpdb->update( book(), array( 'cart_id' => $cart ), array( 'id' => $own->id ) );
	$wpdb->query( $wpdb->prepare( 'UPDATE IGNORE ' . book() . ' SET open_cart = cart_id WHERE id = %d', $own->id ) );
	keep_row( $order->get_id(), $order );
	$row = row_by( 'open_cart', $cart );
	if ( $row && $row->id !== $own->id ) {
		/* translators: %s: reference of the order */
		$why = sprintf( __( 'We have this purchase already, as %s. You have not paid again.', 'fallback-checkout' ), $row->ref );
		throw \Exception::class === $refusal ? new \Exception( $why ) : new RouteException( 'fallback_in_hand', $why, 409 );
	}
}
