<?php
/** Keeps the cookie `fallback_cart` true to the visitor's cart, ahead of time: in an outage it is too late to sign. */

namespace FallbackCheckout\Woo;

use function FallbackCheckout\sign_cart;
use const FallbackCheckout\LIFETIME_SECONDS;

defined( 'ABSPATH' ) || exit;

const COOKIE = 'fallback_cart';
// Browsers keep a cookie of 4,096 bytes, its name and attributes included.
const MOST_BYTES = 3900;

// Every way in which a cart reaches a visitor: pages, the scripts of the classic cart and checkout, and the blocks.
add_action( 'wp', __NAMESPACE__ . '\keep_cookie', 100 );
add_filter( 'woocommerce_add_to_cart_fragments', __NAMESPACE__ . '\keep_cookie_beside' );
add_filter( 'woocommerce_update_order_review_fragments', __NAMESPACE__ . '\keep_cookie_beside' );
add_filter(
	'rest_post_dispatch',
	fn( $answer, $server, $request ) => str_starts_with( $request->get_route(), '/wc/store/' ) ? keep_cookie_beside( $answer ) : $answer,
	10,
	3
);

function keep_cookie_beside( $answer ) {
	keep_cookie();
	return $answer;
}

/** Compares instead of listening for changes: a new price or another delivery changes the cart as much as a new book does. */
function keep_cookie(): void {
	if ( is_admin() || ! WC()->cart || ! WC()->session || headers_sent() || ! defined( 'FALLBACK_CART_KEY' ) ) {
		return;
	}
	empty_if_placed();
	$claims = cart_claims();
	$kept   = WC()->session->get( 'fallback_cart_signed' );
	if ( ! $claims ) {
		if ( isset( $_COOKIE[ COOKIE ] ) ) {
			set_cookie( '', 1 );
			WC()->session->set( 'fallback_cart_signed', null );
		}
		return;
	}
	$digest = md5( wp_json_encode( $claims ) );
	$fresh  = $kept && $kept['digest'] === $digest && $kept['signed'] > time() - LIFETIME_SECONDS / 2;
	if ( $fresh && isset( $_COOKIE[ COOKIE ] ) ) {
		return;
	}
	$token = signed( $claims );
	set_cookie( $token, $token ? time() + LIFETIME_SECONDS : 1 );
	WC()->session->set( 'fallback_cart_signed', array( 'digest' => $digest, 'signed' => time() ) );
}

/** The fullest form that a cookie holds; empty if there is none. Better no token than an old one, which sells another cart. */
function signed( array $claims ): string {
	$token = sign_cart( $claims, FALLBACK_SHOP, cart_key() );
	if ( strlen( $token ) > MOST_BYTES ) {
		$claims['lines'] = array_map( fn( $line ) => array_diff_key( $line, array( 'picture' => 1 ) ), $claims['lines'] );
		$token           = sign_cart( $claims, FALLBACK_SHOP, cart_key() );
	}
	return strlen( $token ) > MOST_BYTES ? '' : $token;
}

function cart_key(): array {
	return array( 'kty' => 'oct', 'alg' => 'HS256', 'kid' => FALLBACK_CART_KID, 'k' => FALLBACK_CART_KEY );
}

function set_cookie( string $value, int $expires ): void {
	setcookie(
		COOKIE,
		$value,
		array( 'expires' => $expires, 'path' => COOKIEPATH ?: '/', 'domain' => COOKIE_DOMAIN, 'secure' => is_ssl(), 'httponly' => true, 'samesite' => 'Lax' )
	);
	$_COOKIE[ COOKIE ] = $value;
}

/** Who comes back to a cart that Fallback Checkout sold meanwhile has nothing left to buy in it. */
function empty_if_placed(): void {
	$id  = WC()->session->get( 'fallback_cart_id' );
	$row = $id && ! WC()->cart->is_empty() ? row_by( 'open_cart', $id ) : null;
	if ( $row && $row->ref && $row->order_id ) {
		WC()->cart->empty_cart();
		wc_add_notice( sprintf( __( 'Your order %1$s is with us. Its number in this shop is %2$s.', 'fallback-checkout' ), $row->ref, wc_get_order( $row->order_id )->get_order_number() ) );
	}
}
