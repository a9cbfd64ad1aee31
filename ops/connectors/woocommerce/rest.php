<?php
/**
 * The endpoints under wp-json/fallback/v1/. They are signed in to with a consumer key of WooCommerce's REST API.
 *
 * Errors are WordPress' own form: {"code", "message", "data": {"status", …}}.
 */

namespace FallbackCheckout\Woo;

defined( 'ABSPATH' ) || exit;

const NAMESPACE_V1 = 'fallback/v1';
const AMOUNT       = array( 'type' => 'string', 'pattern' => '^\d{1,12}(\.\d{1,4})?$' );
const TEXT         = array( 'type' => 'string', 'maxLength' => 500 );
const MOST_ROWS    = 100;
// What is asked for of an order, of all that WooCommerce's REST API says of one.
const FIELDS          = array( 'id', 'number', 'status', 'currency', 'total', 'prices_include_tax', 'date_paid_gmt', 'billing', 'shipping', 'line_items', 'shipping_lines' );
const LINE_FIELDS     = array( 'sku', 'quantity', 'subtotal', 'subtotal_tax', 'fallback_price_now' );
const DELIVERY_FIELDS = array( 'method_id', 'instance_id', 'fallback_rate', 'fallback_slot' );

add_filter(
	'woocommerce_rest_is_request_to_rest_api',
	function ( $is_one ) {
		$uri = esc_url_raw( wp_unslash( $_SERVER['REQUEST_URI'] ?? '' ) );
		return $is_one || str_contains( rawurldecode( $uri ), trailingslashit( rest_get_url_prefix() ) . NAMESPACE_V1 ) || str_contains( rawurldecode( $uri ), 'rest_route=/' . NAMESPACE_V1 );
	}
);

add_action( 'rest_api_init', __NAMESPACE__ . '\add_routes' );

function add_routes(): void {
	$ref = '/orders/(?P<ref>[A-Z0-9-]{4,32})';
	add_route( '/health', 'GET', fn() => health() );
	add_route( '/orders', 'GET', fn( $request ) => listed( $request ), list_args() );
	add_route( $ref, 'GET', fn( $request ) => answer( row_of( $request['ref'] ) ) );
	add_write( $ref, 'PUT', fn( $request ) => place( $request['ref'], body( $request ) ), order_args( true ) );
	add_write( $ref, 'PATCH', fn( $request ) => amend( $request['ref'], body( $request ) ), order_args( false ) );
	add_write( "$ref/cancellation", 'POST', fn( $request ) => withdraw( $request['ref'] ) );
	add_write( "$ref/payment", 'PUT', fn( $request ) => note_payment( $request['ref'], body( $request ) ), payment_args() );
	add_write( '/unpaid/(?P<id>\d{1,18})/cancellation', 'POST', fn( $request ) => cancel_unpaid( (int) $request['id'] ) );
}

/** `$work` answers the row that it has written. */
function add_write( string $path, string $method, callable $work, array $args = array() ): void {
	add_route( $path, $method, fn( $request ) => answer( by_turns( fn() => $work( $request ) ) ), $args );
}

function add_route( string $path, string $method, callable $work, array $args = array() ): void {
	register_rest_route(
		NAMESPACE_V1,
		$path,
		array(
			'methods'             => $method,
			'permission_callback' => fn() => wc_rest_check_post_permissions( 'shop_order', 'GET' === $method ? 'read' : 'create' ),
			'args'                => $args,
			'callback'            => function ( \WP_REST_Request $request ) use ( $work ) {
				try {
					return rest_ensure_response( $work( $request ) );
				} catch ( Refusal $refusal ) {
					return new \WP_Error( $refusal->reason, $refusal->getMessage(), array( 'status' => $refusal->status ) + $refusal->facts );
				} catch ( \WC_Data_Exception $error ) {
					return new \WP_Error( 'invalid', $error->getMessage(), array( 'status' => 422 ) );
				}
			},
		)
	);
}

function body( \WP_REST_Request $request ): array {
	return array_intersect_key( $request->get_params(), $request->get_attributes()['args'] );
}

function health(): array {
	global $wpdb;
	if ( null === $wpdb->get_var( 'SELECT COUNT(*) FROM ' . book() . ' WHERE id = 0' ) ) {
		throw new Refusal( 'busy', 503, 'The table of the plugin cannot be read.' );
	}
	return array(
		'status'      => 'ok',
		'plugin'      => VERSION,
		'wordpress'   => get_bloginfo( 'version' ),
		'woocommerce' => WC()->version,
		'currency'    => get_woocommerce_currency(),
		'decimals'    => wc_get_price_decimals(),
	);
}

function row_of( string $ref ): object {
	$row = row_by( 'ref', $ref );
	if ( ! $row || ! $row->order_id ) {
		throw new Refusal( 'not_found', 404, "There is no order $ref." );
	}
	return $row;
}

function listed( \WP_REST_Request $request ): array {
	$limit = (int) $request['limit'];
	$rows  = rows_matching( $request['cart_id'], $request['email'], $request['phone'], sql_time( new \DateTimeImmutable( $request['since'] ) ), (int) $request['after'], $limit + 1 );
	$page  = array_slice( $rows, 0, $limit );
	return array(
		'orders' => array_values( array_filter( array_map( __NAMESPACE__ . '\shown_if_there', $page ) ) ),
		'next'   => count( $rows ) > $limit ? (int) end( $page )->id : null,
	);
}

/** A cancelled ref without an order has a name and nothing else. */
function answer( object $row ): array {
	return $row->order_id ? shown( $row ) : array( 'ref' => $row->ref, 'order' => null );
}

function shown( object $row ): array {
	$order = shown_if_there( $row );
	if ( ! $order ) {
		throw new Refusal( 'not_found', 404, "The order {$row->order_id} is not there any more." );
	}
	return $order;
}

/** The order as WooCommerce's REST API shows it, with what the book knows of it. */
function shown_if_there( object $row ): ?array {
	$request = new \WP_REST_Request( 'GET', "/wc/v3/orders/{$row->order_id}" );
	$request->set_param( '_fields', implode( ',', FIELDS ) );
	$request->set_param( 'dp', 6 );
	$response = rest_do_request( $request );
	if ( 404 === $response->get_status() ) {
		return null;
	}
	if ( $response->is_error() ) {
		throw new Refusal( $response->as_error()->get_error_code(), $response->get_status(), $response->as_error()->get_error_message() );
	}
	$order = only( FIELDS, $response->get_data() );
	if ( in_array( $order['status'], DRAFTS, true ) ) {
		return null;
	}
	foreach ( $order['line_items'] as &$line ) {
		$id   = $line['variation_id'] ?: $line['product_id'];
		$line = only( LINE_FIELDS, array( 'sku' => sku_of( wc_get_product( $id ) ?: null, $id ) ) + $line + kept( $line, array( 'fallback_price_now' ) ) );
	}
	foreach ( $order['shipping_lines'] as &$delivery ) {
		$delivery = only( DELIVERY_FIELDS, $delivery + kept( $delivery, array( 'fallback_rate', 'fallback_slot' ) ) );
	}
	return array( 'ref' => $row->ref, 'cart_id' => $row->cart_id, 'amendment' => (int) $row->amendment, 'order' => $order );
}

/** Our own notes on a line, null where there is none. */
function kept( array $line, array $names ): array {
	$meta = array_column( $line['meta_data'], 'value', 'key' );
	return array_combine( $names, array_map( fn( $name ) => $meta[ "_$name" ] ?? null, $names ) );
}

function only( array $fields, array $all ): array {
	return array_intersect_key( $all, array_flip( $fields ) );
}

function list_args(): array {
	return array(
		'cart_id' => TEXT,
		'email'   => TEXT,
		'phone'   => TEXT,
		'since'   => array( 'type' => 'string', 'format' => 'date-time', 'required' => true ),
		'after'   => array( 'type' => 'integer', 'minimum' => 0, 'default' => 0 ),
		'limit'   => array( 'type' => 'integer', 'minimum' => 1, 'maximum' => MOST_ROWS, 'default' => 50 ),
	);
}

/** The fields of WooCommerce's REST API, with the cart, the agreed sums and the number of the change beside them. */
function order_args( bool $whole ): array {
	$line = array( 'sku' => TEXT, 'name' => TEXT, 'quantity' => array( 'type' => 'integer', 'minimum' => 1 ), 'subtotal' => AMOUNT, 'total' => AMOUNT );
	$args = array(
		'line_items'         => a_list( $line ),
		'coupon_lines'       => a_list( array( 'code' => TEXT, 'discount' => AMOUNT ) ),
		'shipping_lines'     => a_list( array( 'method_id' => TEXT, 'method_title' => TEXT, 'total' => AMOUNT, 'slot' => TEXT, 'slot_title' => TEXT ) ),
		'total'              => AMOUNT,
		'cart_tax'           => AMOUNT,
		'prices_include_tax' => array( 'type' => 'boolean' ),
		'billing'            => array( 'type' => 'object', 'additionalProperties' => TEXT ),
		'shipping'           => array( 'type' => 'object', 'additionalProperties' => TEXT ),
	);
	if ( ! $whole ) {
		return $args + array( 'amendment' => array( 'type' => 'integer', 'minimum' => 0 ) );
	}
	$args = array( 'cart_id' => TEXT, 'currency' => TEXT ) + $args;
	$args = array_map( fn( $arg ) => $arg + array( 'required' => true ), $args );
	return $args + array( 'customer_id' => TEXT, 'vat_id' => TEXT, 'transaction_id' => TEXT, 'customer_note' => array( 'type' => 'string', 'sanitize_callback' => 'sanitize_textarea_field' ) );
}

function payment_args(): array {
	return array(
		'number'         => array( 'type' => 'integer', 'minimum' => 0, 'required' => true ),
		'state'          => array( 'type' => 'string', 'enum' => array( 'authorized', 'captured', 'voided', 'refunded' ), 'required' => true ),
		'transaction_id' => TEXT + array( 'required' => true ),
		'refunded'       => AMOUNT + array( 'required' => true ),
	);
}

function a_list( array $properties ): array {
	return array( 'type' => 'array', 'items' => array( 'type' => 'object', 'properties' => $properties, 'additionalProperties' => false ) );
}
