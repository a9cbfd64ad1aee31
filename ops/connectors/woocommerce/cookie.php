<?php
/** Keeps the cookie `fallback_cart` true to the visitor's cart, ahead of time: in an outage it is too late to sign. */

namespace FallbackCheckout\Woo;

use function FallbackCheckout\sign_cart;
use const FallbackCheckout\LIFETIME_SECONDS;

defined( 'ABSPATH' ) || exit;

const COOKIE = 'fallback_cart';
// Bytes. What is longer is sent to Fallback Checkout ahead of time, and the cookie has a short form. Browsers take 4,096, but nginx
// answers 502 for a page whose headers do not fit into its buffer of 4 KB, and WordPress sets cookies of its own.
const MOST_BYTES = 2500;
// Seconds for which a visitor does not wait again for a Fallback Checkout that does not answer.
const PUSH_AGAIN_AFTER = 60;

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
	if ( is_admin() || ! WC()->cart || ! WC()->session || headers_sent() || missing_settings() ) {
		return;
	}
	empty_if_placed();
	$claims = cart_claims();
	$kept   = WC()->session->get( 'fallback_cart_signed' );
	if ( ! $claims ) {
		if ( ! empty( $_COOKIE[ COOKIE ] ) ) {
			set_cookie( '', 1 );
			WC()->session->set( 'fallback_cart_signed', null );
		}
		return;
	}
	$digest = md5( wp_json_encode( $claims ) );
	$fresh  = $kept && $kept['digest'] === $digest && $kept['signed'] > time() - LIFETIME_SECONDS / 2;
	if ( $fresh && ! empty( $_COOKIE[ COOKIE ] ) ) {
		return;
	}
	$value = cookie_value( $claims );
	set_cookie( $value, $value ? time() + LIFETIME_SECONDS : 1 );
	WC()->session->set( 'fallback_cart_signed', array( 'digest' => $digest, 'signed' => time() ) );
}

/** What the cookie says: a cart that is large or names a customer is pushed; empty if nothing fits. Better no token than an old one, which sells another cart. */
function cookie_value( array $claims ): string {
	$key   = array( 'kty' => 'oct', 'alg' => 'HS256', 'kid' => FALLBACK_CART_KID, 'k' => FALLBACK_CART_KEY );
	$token = sign_cart( $claims, FALLBACK_SHOP, $key );
	if ( strlen( $token ) <= MOST_BYTES && ! isset( $claims['customer'] ) ) {
		return $token;
	}
	$pushed = pushed( $claims['cart_id'], $token );
	if ( $pushed ) {
		return $pushed;
	}
	// Of the customer a cookie says no more than which account it is.
	$claims['customer'] = array_intersect_key( $claims['customer'] ?? array(), array( 'id' => 1 ) );
	$claims             = array_filter( $claims, fn( $claim ) => array() !== $claim );
	$claims['lines']    = array_map( fn( $line ) => array_diff_key( $line, array( 'picture' => 1 ) ), $claims['lines'] );
	$bare               = sign_cart( $claims, FALLBACK_SHOP, $key );
	return strlen( $bare ) <= MOST_BYTES ? $bare : '';
}

/** The short form of a token that Fallback Checkout keeps; empty if it does not answer in time. */
function pushed( string $cart_id, string $token ): string {
	if ( WC()->session->get( 'fallback_push_failed' ) > time() - PUSH_AGAIN_AFTER ) {
		return '';
	}
	$answer = wp_remote_request(
		untrailingslashit( FALLBACK_URL ) . '/v1/carts/' . rawurlencode( $cart_id ),
		array(
			'method'      => 'PUT',
			'timeout'     => PATIENCE,
			'redirection' => 0,
			'headers'     => array( 'Authorization' => 'Bearer ' . FALLBACK_SHOP_TOKEN, 'Content-Type' => 'application/json' ),
			'body'        => wp_json_encode( array( 'cart_token' => $token ) ),
		)
	);
	$kept = 200 === wp_remote_retrieve_response_code( $answer ) ? json_decode( wp_remote_retrieve_body( $answer ), true ) : array();
	$short = (string) ( $kept['fallback_cart'] ?? '' );
	WC()->session->set( 'fallback_push_failed', $short ? null : time() );
	return $short;
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
	$notice = 'checkout' === sanitize_key( $_GET['wc-ajax'] ?? '' ) ? null : placed();
	if ( $notice ) {
		WC()->cart->empty_cart();
		wc_add_notice( $notice );
	}
}
