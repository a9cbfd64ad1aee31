<?php
/** The visitor's cart as the cart token says it: ops/docs/reference/cart-token.md. Amounts are whole numbers in minor units. */

namespace FallbackCheckout\Woo;

defined( 'ABSPATH' ) || exit;

// What WooCommerce itself keeps of a line. More belongs to a plugin (engravings, gift cards), and could not be handed over.
const LINE_KEYS = array( 'key', 'product_id', 'variation_id', 'variation', 'quantity', 'data', 'data_hash', 'line_tax_data', 'line_subtotal', 'line_subtotal_tax', 'line_total', 'line_tax' );
const PICKUP      = array( 'local_pickup', 'pickup_location' );
const MOST_PIECES = 9999999;
const LONGEST_PICTURE = 500;
// ISO 4217: other currencies have two decimals.
const DECIMALS = array(
	0 => 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
	3 => 'BHD IQD JOD KWD LYD OMR TND',
	4 => 'CLF UYW',
);

/** The name of this cart, from its first line until it is bought. */
function cart_id(): string {
	$id = WC()->session->get( 'fallback_cart_id' );
	if ( ! $id ) {
		$id = 'woo-' . wp_generate_uuid4();
		WC()->session->set( 'fallback_cart_id', $id );
	}
	return $id;
}

add_action( 'woocommerce_cart_emptied', fn() => WC()->session && WC()->session->set( 'fallback_cart_id', null ) );

/** Null: nothing to buy, or something that only this shop can sell (fees, several parcels, lines of other plugins). */
function cart_claims(): ?array {
	$cart = WC()->cart;
	if ( $cart->is_empty() || $cart->get_fees() || ! array_reduce( $cart->get_cart(), fn( $all, $line ) => $all && is_plain( $line ), true ) ) {
		return null;
	}
	$included = wc_prices_include_tax() || ! wc_tax_enabled();
	$delivery = delivery_options( $cart );
	$goods    = minor( $cart->get_cart_contents_total() + $cart->get_cart_contents_tax() );
	$sums     = array_map( fn( $line ) => minor( $line['line_subtotal'] + ( $included ? $line['line_subtotal_tax'] : 0 ) ), $cart->get_cart() );
	$discount = $cart->get_applied_coupons() ? minor( $cart->get_discount_total() + ( $included ? $cart->get_discount_tax() : 0 ) ) : 0;
	$tax      = minor( $cart->get_cart_contents_tax() );
	// WooCommerce rounds once for all lines, the token once for each: a cent goes to the last line, or to the tax.
	$rest                            = $goods - array_sum( $sums ) + $discount;
	$sums[ array_key_last( $sums ) ] += $included ? $rest : 0;
	$asks_for = defined( 'FALLBACK_ASKS_FOR' ) ? explode( ' ', FALLBACK_ASKS_FOR ) : null;
	$more     = array_filter( array( 'customer' => customer_claim(), 'asks_for' => $asks_for ) );
	return $delivery ? array(
		'cart_id'   => cart_id(),
		'currency'  => get_woocommerce_currency(),
		'lines'     => array_merge( ...array_values( array_map( __NAMESPACE__ . '\lines', $cart->get_cart(), $sums ) ) ),
		'discounts' => discounts( $cart, $included, $discount ),
		'tax'       => array( 'included' => $included, 'amount' => $included ? $tax : $rest ),
		'delivery'  => $delivery,
	) + $more : null;
}

/** Subscriptions, bundles and gift cards are types of their own. A variation that leaves an attribute to the customer ('any size') does not say it in its SKU. */
function is_plain( array $line ): bool {
	$open = $line['data'] instanceof \WC_Product_Variation && in_array( '', $line['data']->get_variation_attributes(), true );
	$known = in_array( $line['data']->get_type(), array( 'simple', 'variation' ), true );
	return $known && ! $open && ! array_diff( array_keys( $line ), LINE_KEYS ) && (int) $line['quantity'] == $line['quantity'];
}

/** One line, or two where the sum is no multiple of a price: 35.66 for three is two at 11.89 and one at 11.88. */
function lines( array $line, int $sum ): array {
	$quantity = (int) $line['quantity'];
	$price    = intdiv( $sum, $quantity );
	$dearer   = $sum - $price * $quantity;
	$sku      = sku_of( $line['data'] );
	$of       = array( 'sku' => $sku, 'title' => wp_strip_all_tags( $line['data']->get_name() ) ?: $sku );
	$picture  = (string) wp_parse_url( (string) wp_get_attachment_image_url( $line['data']->get_image_id(), 'thumbnail' ), PHP_URL_PATH );
	$of      += available( $line['data'] );
	$of      += $picture && strlen( $picture ) <= LONGEST_PICTURE ? array( 'picture' => $picture ) : array();
	$both     = array( array( $dearer, $price + 1 ), array( $quantity - $dearer, $price ) );
	return array_values( array_map( fn( $part ) => $of + array( 'quantity' => $part[0], 'unit_price' => $part[1] ), array_filter( $both, fn( $part ) => $part[0] > 0 ) ) );
}

/** The pieces that can be sold, where the shop counts them and sells no more. */
function available( \WC_Product $product ): array {
	if ( ! $product->managing_stock() || $product->backorders_allowed() ) {
		return array();
	}
	$left = (int) $product->get_stock_quantity() - wc_get_held_stock_quantity( $product );
	return $left <= MOST_PIECES ? array( 'available' => max( 0, $left ) ) : array();
}

function discounts( \WC_Cart $cart, bool $included, int $left ): array {
	$found = array();
	$codes = array_values( $cart->get_applied_coupons() );
	foreach ( $codes as $index => $code ) {
		$amount  = count( $codes ) === $index + 1 ? $left : min( $left, minor( $cart->get_coupon_discount_amount( $code, ! $included ) ) );
		$left   -= $amount;
		$found[] = array( 'title' => $code, 'amount' => $amount );
	}
	return $found;
}

/** The price of a delivery contains its tax. */
function delivery_options( \WC_Cart $cart ): array {
	if ( ! $cart->needs_shipping() ) {
		return array( array( 'id' => NO_DELIVERY, 'title' => __( 'No delivery', 'fallback-checkout' ), 'price' => 0, 'needs_address' => false ) );
	}
	$packages = WC()->shipping()->calculate_shipping( $cart->get_shipping_packages() );
	if ( 1 !== count( $packages ) ) {
		return array();
	}
	$package = reset( $packages );
	$places  = places( $package );
	return array_values(
		array_map(
			fn( $rate ) => array( 'id' => $rate->get_id(), 'title' => wp_strip_all_tags( $rate->get_label() ) ?: $rate->get_id(), 'price' => minor( $rate->get_cost() + array_sum( $rate->get_taxes() ) ) )
				+ ( in_array( $rate->get_method_id(), PICKUP, true ) ? array( 'needs_address' => false ) : $places ),
			array_slice( $package['rates'], 0, 20 )
		)
	);
}

function minor( $amount ): int {
	$decimals = 2;
	foreach ( DECIMALS as $places => $currencies ) {
		$decimals = in_array( get_woocommerce_currency(), explode( ' ', $currencies ), true ) ? $places : $decimals;
	}
	return (int) round( (float) wc_format_decimal( $amount, wc_get_price_decimals() ) * 10 ** $decimals );
}
