<?php
/**
 * Addresses, lines, discounts, delivery and taxes of an order, so that its total is the agreed one to the cent.
 *
 * WooCommerce would add its own taxes to the totals that it is given. Here they are taken out of them (prices with tax), or
 * made to add up to the agreed sum (prices without).
 */

namespace FallbackCheckout\Woo;

defined( 'ABSPATH' ) || exit;

const NO_DELIVERY = 'none';

function set_address( \WC_Order $order, string $kind, array $address ): void {
	foreach ( $address as $field => $value ) {
		$setter = "set_{$kind}_{$field}";
		if ( is_callable( array( $order, $setter ) ) ) {
			$order->$setter( sanitize_text_field( (string) $value ) );
		}
	}
}

/** Products without a SKU are named by their number. */
function sku_of( ?\WC_Product $product, int $id = 0 ): string {
	return $product && $product->get_sku( 'edit' ) ? $product->get_sku( 'edit' ) : '#' . ( $product ? $product->get_id() : $id );
}

function product_of( string $sku ): \WC_Product {
	$id      = str_starts_with( $sku, '#' ) ? (int) substr( $sku, 1 ) : wc_get_product_id_by_sku( $sku );
	$product = $id ? wc_get_product( $id ) : null;
	if ( ! $product ) {
		throw new Refusal( 'invalid', 422, "This shop has no product $sku." );
	}
	return $product;
}

/** Locks the stock of these lines, and refuses what is not there. `$besides`: its own pieces count as there. */
function take_from_stock( array $lines, ?\WC_Order $besides ): void {
	global $wpdb;
	$wanted = array();
	foreach ( $lines as $line ) {
		$product       = product_of( $line['sku'] );
		$id            = $product->get_stock_managed_by_id();
		$wanted[ $id ] = array( $product, ( $wanted[ $id ][1] ?? 0 ) + $line['quantity'] );
	}
	ksort( $wanted );
	$short = array();
	foreach ( $wanted as $id => list( $product, $quantity ) ) {
		if ( $product->backorders_allowed() ) {
			continue;
		}
		$own  = $besides ? pieces_in( $besides, $id ) : 0;
		$left = $product->is_in_stock() || $own ? $quantity : 0;
		if ( $product->managing_stock() ) {
			$stock = $wpdb->get_var( $wpdb->prepare( "SELECT meta_value FROM {$wpdb->postmeta} WHERE post_id = %d AND meta_key = '_stock' FOR UPDATE", $id ) );
			$left  = (int) $stock - wc_get_held_stock_quantity( $product ) + $own;
		}
		if ( $left < $quantity ) {
			$short[] = array( 'sku' => sku_of( $product ), 'available' => max( 0, $left ) );
		}
	}
	if ( $short ) {
		throw new Refusal( 'out_of_stock', 409, implode( ', ', array_column( $short, 'sku' ) ), array( 'lines' => $short ) );
	}
	wp_cache_flush_runtime();
}

function pieces_in( \WC_Order $order, int $stock_id ): int {
	$pieces = 0;
	foreach ( $order->get_items() as $item ) {
		$product = $item->get_product();
		$pieces += $product && $product->get_stock_managed_by_id() === $stock_id ? (int) $item->get_meta( '_reduced_stock' ) : 0;
	}
	return $pieces;
}

/** `total` of a line is after discounts, `subtotal` before; each as in the cart, with tax or without. */
function fill( \WC_Order $order, array $agreed ): void {
	$order->remove_order_items();
	$included = (bool) $agreed['prices_include_tax'];
	$order->set_prices_include_tax( $included );
	$lines = array_map( fn( $line ) => line_item( $order, $line, $included ), $agreed['line_items'] );
	if ( ! $included ) {
		spread_tax( $order, $lines, (float) $agreed['cart_tax'] );
	}
	$items = array_merge( $lines, array_map( __NAMESPACE__ . '\coupon_item', $agreed['coupon_lines'] ?? array() ), delivery_items( $order, $agreed['shipping_lines'] ) );
	array_map( array( $order, 'add_item' ), $items );
	$order->save();
	$order->update_taxes();
	$order->calculate_totals( false );
	if ( decimal( $order->get_total() ) !== decimal( $agreed['total'] ) ) {
		throw new Refusal( 'invalid', 422, "This shop makes {$order->get_total()} of {$agreed['total']}; it rounds prices to " . wc_get_price_decimals() . ' decimals.' );
	}
}

function line_item( \WC_Order $order, array $line, bool $included ): \WC_Order_Item_Product {
	$product = product_of( $line['sku'] );
	$item    = new \WC_Order_Item_Product();
	$item->set_product( $product );
	$item->set_name( sanitize_text_field( $line['name'] ) );
	$item->set_quantity( $line['quantity'] );
	$taxable = $product->is_taxable();
	$before  = taxes( $order, $taxable, $product->get_tax_class(), (float) $line['subtotal'], $included );
	$after   = taxes( $order, $taxable, $product->get_tax_class(), (float) $line['total'], $included );
	$item->set_subtotal( decimal( $line['subtotal'] - ( $included ? array_sum( $before ) : 0 ) ) );
	$item->set_total( decimal( $line['total'] - ( $included ? array_sum( $after ) : 0 ) ) );
	$item->set_taxes( array( 'subtotal' => $before, 'total' => $after ) );
	$item->update_meta_data( '_fallback_price_now', price_now( $order, $product, $included ) );
	return $item;
}

/** What one costs today, as a cart for this address would say it. The agreed price is honoured all the same. */
function price_now( \WC_Order $order, \WC_Product $product, bool $included ): string {
	$price   = (float) $product->get_price();
	$taxable = $product->is_taxable();
	if ( $taxable && wc_prices_include_tax() ) {
		$price -= array_sum( \WC_Tax::calc_tax( $price, \WC_Tax::get_base_tax_rates( $product->get_tax_class() ), true ) );
	}
	return decimal( $price + ( $taxable && $included ? array_sum( \WC_Tax::calc_tax( $price, rates( $order, $product->get_tax_class() ), false ) ) : 0 ) );
}

/** By rate, each rounded: what is stored adds up. */
function taxes( \WC_Order $order, bool $taxable, string $tax_class, float $price, bool $included ): array {
	if ( ! $taxable || ! wc_tax_enabled() ) {
		return array();
	}
	return array_map( __NAMESPACE__ . '\decimal', \WC_Tax::calc_tax( $price, rates( $order, $tax_class ), $included ) );
}

function rates( \WC_Order $order, string $tax_class ): array {
	$where = $order->get_taxable_location();
	return \WC_Tax::get_rates_from_location( $tax_class, array( $where['country'], $where['state'], $where['postcode'], $where['city'] ) );
}

/** Tax is agreed as one sum: what today's rates make of it differs by cents, or by all of it where they changed. */
function spread_tax( \WC_Order $order, array $lines, float $agreed ): void {
	$sum = 0.0;
	foreach ( $lines as $item ) {
		$sum += array_sum( $item->get_taxes()['total'] );
	}
	$left = (float) decimal( $agreed - $sum );
	foreach ( $lines as $item ) {
		$taxes = $item->get_taxes();
		if ( $left && $taxes['total'] ) {
			$rate                    = array_key_first( $taxes['total'] );
			$taxes['total'][ $rate ] = decimal( $taxes['total'][ $rate ] + $left );
			$item->set_taxes( $taxes );
			return;
		}
	}
	if ( $left ) {
		$fee = new \WC_Order_Item_Fee();
		$fee->set_name( 'Tax' );
		$fee->set_tax_status( 'none' );
		$fee->set_total( decimal( $left ) );
		$order->add_item( $fee );
	}
}

function coupon_item( array $coupon ): \WC_Order_Item_Coupon {
	$item = new \WC_Order_Item_Coupon();
	$item->set_code( sanitize_text_field( $coupon['code'] ) );
	$item->set_discount( decimal( $coupon['discount'] ) );
	return $item;
}

/** The price of a delivery contains its tax, whatever those of the lines do. */
function delivery_items( \WC_Order $order, array $deliveries ): array {
	$items = array();
	foreach ( $deliveries as $delivery ) {
		if ( NO_DELIVERY === $delivery['method_id'] ) {
			continue;
		}
		list( $method, $instance ) = explode( ':', $delivery['method_id'] . ':', 3 );
		$taxes = taxes( $order, true, delivery_tax_class(), (float) $delivery['total'], true );
		$item  = new \WC_Order_Item_Shipping();
		$item->set_method_id( $method );
		$item->set_instance_id( $instance );
		$item->set_method_title( sanitize_text_field( $delivery['method_title'] ) );
		$item->set_total( decimal( $delivery['total'] - array_sum( $taxes ) ) );
		$item->set_taxes( array( 'total' => $taxes ) );
		$item->update_meta_data( '_fallback_rate', $delivery['method_id'] );
		if ( ! empty( $delivery['slot'] ) ) {
			$item->update_meta_data( '_fallback_slot', $delivery['slot'] );
			$item->update_meta_data( 'Delivery time', sanitize_text_field( $delivery['slot_title'] ?? $delivery['slot'] ) );
		}
		$items[] = $item;
	}
	return $items;
}

function delivery_tax_class(): string {
	$class = get_option( 'woocommerce_shipping_tax_class' );
	return 'inherit' === $class ? '' : (string) $class;
}

function decimal( $amount ): string {
	return wc_format_decimal( $amount, wc_get_price_decimals() );
}
