<?php
/** Who is signed in, as the claim `customer` of the cart token: ops/docs/reference/cart-token.md. */

namespace FallbackCheckout\Woo;

defined( 'ABSPATH' ) || exit;

// What the token has room for.
const LONGEST = array( 'email' => 254, 'name' => 120, 'phone' => 30, 'line1' => 200, 'line2' => 200, 'city' => 120, 'region' => 120, 'postal_code' => 20 );

/** Null: nobody is signed in. WooCommerce saves two addresses of a customer, and the goods go to the first. */
function customer_claim(): ?array {
	if ( ! is_user_logged_in() ) {
		return null;
	}
	$customer  = new \WC_Customer( get_current_user_id() );
	$addresses = array_map( fn( $kind ) => saved_address( $customer->{"get_$kind"}() ), array( 'shipping', 'billing' ) );
	$name      = trim( $customer->get_first_name() . ' ' . $customer->get_last_name() );
	$who       = array( 'email' => $customer->get_email(), 'name' => $name ? $name : $customer->get_display_name(), 'phone' => $customer->get_billing_phone() );
	return array( 'id' => (string) $customer->get_id() ) + fitting( $who ) + array( 'addresses' => array_values( array_unique( array_filter( $addresses ), SORT_REGULAR ) ) );
}

/** Empty for one that says neither street nor country. */
function saved_address( array $saved ): array {
	$address = fitting(
		array(
			'name'        => trim( ( $saved['first_name'] ?? '' ) . ' ' . ( $saved['last_name'] ?? '' ) ),
			'line1'       => $saved['address_1'] ?? '',
			'line2'       => $saved['address_2'] ?? '',
			'city'        => $saved['city'] ?? '',
			'region'      => $saved['state'] ?? '',
			'postal_code' => $saved['postcode'] ?? '',
		)
	);
	$country = $saved['country'] ?? '';
	return isset( $address['line1'] ) && preg_match( '/^[A-Z]{2}$/D', $country ) ? $address + array( 'country' => $country ) : array();
}

/** Texts that the token has room for: half an address would be a wrong one. */
function fitting( array $texts ): array {
	return array_filter( array_map( 'trim', $texts ), fn( $text, $name ) => '' !== $text && mb_strlen( $text ) <= LONGEST[ $name ], ARRAY_FILTER_USE_BOTH );
}
