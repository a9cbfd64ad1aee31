<?php
/** Where the deliveries of a cart go to: the countries of its shipping zone that the shop ships to. */

namespace FallbackCheckout\Woo;

defined( 'ABSPATH' ) || exit;

// A longer list says little, and makes the token long.
const MOST_COUNTRIES = 100;

/** Of postcodes the token knows nothing: a zone of some is said as its country. */
function places( array $package ): array {
	$sold   = array_keys( WC()->countries->get_shipping_countries() );
	$zone   = \WC_Shipping_Zones::get_zone_matching_package( $package );
	$places = $zone->get_id() ? places_of( $zone->get_zone_locations() ) : everywhere_else();
	$places = array_values( array_unique( array_filter( $places, fn( $place ) => in_array( substr( $place, 0, 2 ), $sold, true ) ) ) );
	sort( $places );
	return $places && count( $places ) <= MOST_COUNTRIES ? array( 'countries' => $places ) : array();
}

/** Countries, and parts of them (ISO 3166-2); all countries if the zone has only postcodes. */
function places_of( array $locations ): array {
	$places = array();
	foreach ( $locations as $location ) {
		switch ( $location->type ) {
			case 'country':
				$places[] = $location->code;
				break;
			case 'state':
				$places[] = str_replace( ':', '-', $location->code );
				break;
			case 'continent':
				$places = array_merge( $places, WC()->countries->get_continents()[ $location->code ]['countries'] ?? array() );
		}
	}
	$known = array_filter( $places, fn( $place ) => preg_match( '/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/D', $place ) );
	return $known ? $known : array_keys( WC()->countries->get_countries() );
}

/** The zone of whatever is in no other. A country of which another zone has a part only may be meant. */
function everywhere_else(): array {
	$others = array();
	foreach ( \WC_Shipping_Zones::get_zones() as $zone ) {
		$locations = array_filter( $zone['zone_locations'], fn( $location ) => 'postcode' === $location->type );
		$others    = $locations ? $others : array_merge( $others, places_of( $zone['zone_locations'] ) );
	}
	return array_diff( array_keys( WC()->countries->get_countries() ), $others );
}
