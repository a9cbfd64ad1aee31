<?php
/**
 * Plugin Name: Fallback Checkout
 * Description: Connects this shop to Fallback Checkout, which sells while the shop's own checkout is away, and hands each order over once.
 * Version: 1.0.0
 * Requires at least: 6.4
 * Requires PHP: 8.0
 * WC requires at least: 8.2
 * License: MIT
 *
 * Settings, as constants in wp-config.php: FALLBACK_URL, FALLBACK_SHOP, FALLBACK_SHOP_TOKEN, FALLBACK_CART_KEY, FALLBACK_CART_KID,
 * and FALLBACK_ASKS_FOR if the page of the checkout shall ask for more.
 */

namespace FallbackCheckout\Woo;

defined( 'ABSPATH' ) || exit;

const VERSION  = '1.0.0';
const SETTINGS = array( 'FALLBACK_URL', 'FALLBACK_SHOP', 'FALLBACK_SHOP_TOKEN', 'FALLBACK_CART_KEY', 'FALLBACK_CART_KID' );

function missing_settings(): array {
	return array_filter( SETTINGS, fn( $name ) => ! defined( $name ) );
}

require __DIR__ . '/book.php';
require __DIR__ . '/placing.php';
require __DIR__ . '/filling.php';
require __DIR__ . '/payments.php';
require __DIR__ . '/rest.php';
require __DIR__ . '/sign.php';
require __DIR__ . '/cart.php';
require __DIR__ . '/customer.php';
require __DIR__ . '/places.php';
require __DIR__ . '/cookie.php';
require __DIR__ . '/in-hand.php';

register_activation_hook( __FILE__, __NAMESPACE__ . '\install_book' );

add_action(
	'before_woocommerce_init',
	function () {
		foreach ( array( 'custom_order_tables', 'cart_checkout_blocks' ) as $feature ) {
			\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( $feature, __FILE__, true );
		}
	}
);

add_action(
	'admin_notices',
	function () {
		$missing = missing_settings();
		if ( $missing && current_user_can( 'manage_woocommerce' ) ) {
			printf( '<div class="notice notice-error"><p>Fallback Checkout: wp-config.php does not define %s.</p></div>', esc_html( implode( ', ', $missing ) ) );
		}
	}
);
