<?php
/** What became of the money, as Fallback Checkout reports it; each report says how it stands, so it may come again. */

namespace FallbackCheckout\Woo;

defined( 'ABSPATH' ) || exit;

/** `state`: authorized, captured, voided or refunded. `refunded`: all that was given back so far. */
function note_payment( string $ref, array $payment ): object {
	in_transaction(
		function () use ( $ref, $payment ) {
			$row = locked_row( 'ref', $ref );
			wp_cache_flush_runtime();
			$order = $row && $row->order_id ? wc_get_order( $row->order_id ) : null;
			if ( ! $order ) {
				throw new Refusal( 'not_found', 404, "There is no order $ref." );
			}
			note_state( $order, $payment );
			$back = (float) decimal( (float) $payment['refunded'] - (float) $order->get_total_refunded() );
			if ( $back > 0 ) {
				$made = wc_create_refund( array( 'order_id' => $order->get_id(), 'amount' => decimal( $back ), 'reason' => 'Fallback Checkout', 'refund_payment' => false, 'restock_items' => false ) );
				if ( is_wp_error( $made ) ) {
					throw new Refusal( 'invalid', 422, $made->get_error_message() );
				}
			}
		},
		'wp_cache_flush_runtime'
	);
	return row_by( 'ref', $ref );
}

function note_state( \WC_Order $order, array $payment ): void {
	$reference = sanitize_text_field( $payment['transaction_id'] ?? '' );
	if ( $reference && $reference !== $order->get_transaction_id() ) {
		$order->set_transaction_id( $reference );
		$order->save();
	}
	if ( $payment['state'] === $order->get_meta( '_fallback_payment' ) ) {
		return;
	}
	$order->update_meta_data( '_fallback_payment', $payment['state'] );
	$order->save();
	if ( 'captured' === $payment['state'] && $order->has_status( array( 'pending', 'on-hold', 'failed' ) ) ) {
		$order->payment_complete( $reference );
	} else {
		$order->add_order_note( "The payment is {$payment['state']}." );
	}
}
