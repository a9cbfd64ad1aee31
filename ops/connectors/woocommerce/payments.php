<?php
/** What became of the money, as Fallback Checkout reports it: each report says how the payment stands, and has a number that only grows. */

namespace FallbackCheckout\Woo;

defined( 'ABSPATH' ) || exit;

/** `refunded`: all that was given back so far. */
function note_payment( string $ref, array $payment ): object {
	in_transaction(
		function () use ( $ref, $payment ) {
			global $wpdb;
			$row = locked_row( 'ref', $ref );
			wp_cache_flush_runtime();
			$order = $row && $row->order_id ? wc_get_order( $row->order_id ) : null;
			if ( ! $order ) {
				throw new Refusal( 'not_found', 404, "There is no order $ref." );
			}
			if ( $payment['number'] < (int) $row->report ) {
				throw new Refusal( 'outdated', 409, "The report {$row->report} came before {$payment['number']}." );
			}
			if ( $payment['number'] > (int) $row->report ) {
				$wpdb->update( book(), array( 'report' => $payment['number'] ), array( 'id' => $row->id ) );
				note_state( $order, $payment );
				note_refunds( $order, (float) $payment['refunded'] );
			}
		},
		'wp_cache_flush_runtime'
	);
	return row_by( 'ref', $ref );
}

function note_state( \WC_Order $order, array $payment ): void {
	$reference = sanitize_text_field( $payment['transaction_id'] );
	if ( 'captured' === $payment['state'] && $order->has_status( array( 'pending', 'on-hold', 'failed' ) ) ) {
		$order->payment_complete( $reference );
		return;
	}
	$order->set_transaction_id( $reference );
	$order->save();
	$order->add_order_note( "Fallback Checkout: the payment is {$payment['state']}." );
}

/** The money went back already: WooCommerce books it, and asks no payment provider. */
function note_refunds( \WC_Order $order, float $refunded ): void {
	$more = decimal( $refunded - (float) $order->get_total_refunded() );
	if ( $more > 0 ) {
		$made = wc_create_refund( array( 'order_id' => $order->get_id(), 'amount' => $more, 'reason' => 'Fallback Checkout', 'refund_payment' => false, 'restock_items' => false ) );
		if ( is_wp_error( $made ) ) {
			throw new Refusal( 'invalid', 422, $made->get_error_message() );
		}
	}
}

// 'On hold until we can confirm your payment' would alarm a customer whose payment is authorized. They hear of the capture.
add_filter(
	'woocommerce_email_enabled_customer_on_hold_order',
	fn( $enabled, $order ) => $enabled && ! ( $order instanceof \WC_Order && 'fallback-checkout' === $order->get_created_via() ),
	10,
	2
);
