<?php
/**
 * The book: one row for each order since the plugin was installed, and one for each ref that was cancelled before its order came.
 *
 * WooCommerce has no unique reference on an order and no search by one. Here the database decides: `ref` is unique, and so is
 * `open_cart`, the cart of an order that is not cancelled. Orders are found by cart, e-mail and phone number by an index.
 */

namespace FallbackCheckout\Woo;

defined( 'ABSPATH' ) || exit;

// What became of these is over: their cart may be bought again.
const OVER = array( 'cancelled', 'refunded', 'trash' );
// Not ordered yet.
const DRAFTS = array( 'checkout-draft', 'auto-draft' );

function book(): string {
	global $wpdb;
	return $wpdb->prefix . 'fallback_orders';
}

// Files that were replaced by hand do not activate the plugin again.
add_action( 'init', fn() => VERSION === get_option( 'fallback_checkout_version' ) || install_book(), 20 );

function install_book(): void {
	global $wpdb;
	require_once ABSPATH . 'wp-admin/includes/upgrade.php';
	dbDelta(
		'CREATE TABLE ' . book() . " (
		id bigint unsigned NOT NULL AUTO_INCREMENT,
		ref varchar(32) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL,
		order_id bigint unsigned DEFAULT NULL,
		cart_id varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL,
		open_cart varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL,
		amendment int unsigned NOT NULL DEFAULT 0,
		report int unsigned NOT NULL DEFAULT 0,
		withdrawn tinyint NOT NULL DEFAULT 0,
		paying tinyint NOT NULL DEFAULT 0,
		email varchar(254) DEFAULT NULL,
		phone varchar(8) DEFAULT NULL,
		created datetime(3) NOT NULL,
		PRIMARY KEY  (id),
		UNIQUE KEY ref (ref),
		UNIQUE KEY order_id (order_id),
		UNIQUE KEY open_cart (open_cart),
		KEY cart_id (cart_id),
		KEY email (email),
		KEY phone (phone),
		KEY created (created)
		) ENGINE=InnoDB {$wpdb->get_charset_collate()};"
	);
	update_option( 'fallback_checkout_version', VERSION );
	// An outage that began before the plugin was installed is not looked into further back than this.
	foreach ( wc_get_orders( array( 'date_created' => '>' . ( time() - WEEK_IN_SECONDS ), 'limit' => -1, 'orderby' => 'ID', 'order' => 'ASC', 'type' => 'shop_order' ) ) as $order ) {
		keep_row( $order->get_id(), $order );
		$wpdb->update( book(), array( 'created' => sql_time( $order->get_date_created() ) ), array( 'order_id' => $order->get_id() ) );
	}
}

/** The row that the next new order belongs to, while one of ours is being placed. */
function claimed_row( ?int $set = null ): int {
	static $row = 0;
	$row = $set ?? $row;
	return $row;
}

add_action( 'woocommerce_new_order', __NAMESPACE__ . '\keep_row', 5, 2 );
add_action( 'woocommerce_update_order', __NAMESPACE__ . '\keep_row', 5, 2 );
add_action( 'woocommerce_trash_order', __NAMESPACE__ . '\keep_row', 5, 1 );
add_action( 'woocommerce_untrash_order', __NAMESPACE__ . '\keep_row', 5, 1 );

/** The row of this order, as the order is now. A draft has one once its cart is known. */
function keep_row( $order_id, $order = null ): void {
	global $wpdb;
	$order = $order instanceof \WC_Order ? $order : wc_get_order( $order_id );
	if ( ! $order instanceof \WC_Order || 'shop_order' !== $order->get_type() ) {
		return;
	}
	if ( $order->has_status( DRAFTS ) && ! row_by( 'order_id', $order_id ) ) {
		return;
	}
	$known = array( 'email' => $order->get_billing_email() ?: null, 'phone' => last_digits( $order->get_billing_phone() ) );
	if ( claimed_row() ) {
		$wpdb->update( book(), $known + array( 'order_id' => $order_id ), array( 'id' => claimed_row() ) );
		return;
	}
	$row = own_row( $order_id );
	$wpdb->update( book(), $known, array( 'id' => $row->id ) );
	// IGNORE: the cart may be bought again after a cancellation, and then the later order keeps it.
	$cart = $row->withdrawn || $order->has_status( OVER ) ? 'NULL' : 'cart_id';
	$wpdb->query( $wpdb->prepare( 'UPDATE IGNORE ' . book() . " SET open_cart = $cart WHERE id = %d", $row->id ) );
}

function own_row( int $order_id ): object {
	global $wpdb;
	if ( ! row_by( 'order_id', $order_id ) ) {
		// IGNORE: another request may have been first.
		$wpdb->query( $wpdb->prepare( 'INSERT IGNORE INTO ' . book() . ' (order_id, created) VALUES (%d, %s)', $order_id, now() ) );
	}
	return row_by( 'order_id', $order_id );
}

add_action( 'woocommerce_delete_order', __NAMESPACE__ . '\forget_row' );
add_action( 'deleted_post', __NAMESPACE__ . '\forget_row' );

/** A ref that we cancelled stays, without its order. */
function forget_row( $order_id ): void {
	global $wpdb;
	$row = row_by( 'order_id', $order_id );
	if ( $row && $row->withdrawn ) {
		$wpdb->update( book(), array( 'order_id' => null, 'open_cart' => null, 'email' => null, 'phone' => null ), array( 'id' => $row->id ) );
	} elseif ( $row ) {
		$wpdb->delete( book(), array( 'id' => $row->id ) );
	}
}

/** @param string $column ref, order_id, open_cart or id. */
function row_by( string $column, $value, string $lock = '' ): ?object {
	global $wpdb;
	// phpcs:ignore WordPress.DB.PreparedSQL -- column and lock are ours.
	return $wpdb->get_row( $wpdb->prepare( 'SELECT * FROM ' . book() . " WHERE $column = %s $lock", $value ) );
}

/** The row, locked until the end of the transaction: by its id, as every write does it, so that no two wait for each other. */
function locked_row( string $column, $value ): ?object {
	$row = row_by( $column, $value );
	return $row ? row_by( 'id', $row->id, 'FOR UPDATE' ) : null;
}

/** The oldest rows first, after this row, of orders created since then that match any of what is given. */
function rows_matching( ?string $cart_id, ?string $email, ?string $phone, string $since, int $after, int $limit ): array {
	global $wpdb;
	$any = array();
	foreach ( array( 'cart_id' => $cart_id, 'email' => $email, 'phone' => last_digits( $phone ) ) as $column => $value ) {
		if ( $value ) {
			$any[] = $wpdb->prepare( "$column = %s", $value );
		}
	}
	$matching = $any ? 'AND (' . implode( ' OR ', $any ) . ')' : '';
	// phpcs:ignore WordPress.DB.PreparedSQL -- $matching is prepared above.
	return $wpdb->get_results( $wpdb->prepare( 'SELECT * FROM ' . book() . " WHERE order_id IS NOT NULL AND created >= %s AND id > %d $matching ORDER BY id LIMIT %d", $since, $after, $limit ) );
}

/** As many digits as tell people apart: with a country's code or without, in groups or not. */
function last_digits( ?string $phone ): ?string {
	return substr( preg_replace( '/\D/', '', $phone ?? '' ), -8 ) ?: null;
}

function now(): string {
	return sql_time( new \DateTimeImmutable() );
}

function sql_time( \DateTimeInterface $time ): string {
	return \DateTimeImmutable::createFromInterface( $time )->setTimezone( new \DateTimeZone( 'UTC' ) )->format( 'Y-m-d H:i:s.v' );
}

/**
 * One of our writes at a time. WooCommerce writes so much beside an order (notes, counters, caches in wp_options) that two
 * transactions with an order in each would wait for each other. The shop's own checkout takes no part in this.
 */
function by_turns( callable $work ) {
	global $wpdb;
	$name = 'fallback-' . md5( DB_NAME . $wpdb->prefix );
	if ( '1' !== $wpdb->get_var( $wpdb->prepare( 'SELECT GET_LOCK(%s, 8)', $name ) ) ) {
		throw new Refusal( 'busy', 503, 'Other orders are being written.' );
	}
	try {
		return $work();
	} finally {
		$wpdb->query( $wpdb->prepare( 'DO RELEASE_LOCK(%s)', $name ) );
	}
}

/**
 * All of it or nothing.
 *
 * The savepoint is gone if the database ended the transaction on the way (a deadlock, a new connection): then whatever
 * WooCommerce wrote afterwards stands by itself, and `undo` takes it back.
 */
function in_transaction( callable $work, callable $undo ) {
	global $wpdb;
	$wpdb->query( 'SET SESSION innodb_lock_wait_timeout = 3' );
	// Whoever waited for a lock reads what the one before has written.
	$wpdb->query( 'SET TRANSACTION ISOLATION LEVEL READ COMMITTED' );
	$wpdb->query( 'START TRANSACTION' );
	$wpdb->query( 'SAVEPOINT fallback' );
	$shown = $wpdb->hide_errors();
	try {
		$answer = $work();
		if ( false === $wpdb->query( 'RELEASE SAVEPOINT fallback' ) || false === $wpdb->query( 'COMMIT' ) ) {
			throw new Refusal( 'busy', 503, 'The database ended the transaction.' );
		}
		return $answer;
	} catch ( \Throwable $error ) {
		$wpdb->query( 'ROLLBACK' );
		$undo();
		throw $error;
	} finally {
		$wpdb->show_errors( $shown );
	}
}

/** An answer that says no, in the words of the contract. */
class Refusal extends \Exception {
	public function __construct( public string $reason, public int $status, string $why, public array $facts = array() ) {
		parent::__construct( $why );
	}
}
