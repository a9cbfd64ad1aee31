<?php

/** Signs a cart for Fallback Checkout: ops/docs/reference/cart-token.md. PHP 8 or newer; Ed25519 needs the sodium extension. */

declare(strict_types=1);

namespace FallbackCheckout;

const LIFETIME_SECONDS = 24 * 3600;
const PATIENCE_SECONDS = 3;
/** Longer tokens are pushed: browsers drop cookies of more than 4,096 bytes, and it is not the only one. */
const PUSH_ABOVE = 2500;

/**
 * The token for this cart: cart_id, currency, lines, discounts, tax, delivery, and destinations if there are any. Amounts are in minor units: 1299 is EUR 12.99.
 *
 * @param string $shop the same as FALLBACK_SHOP
 * @param array{kid: string, alg: string, k?: string, d?: string} $key a private JWK, HS256 or Ed25519
 */
function sign_cart(array $cart, string $shop, array $key, ?int $now = null): string
{
    $iat = $now ?? time();
    $discounts = array_values($cart['discounts'] ?? []);
    $goods = array_sum(array_map(fn ($line) => $line['quantity'] * $line['unit_price'], $cart['lines']));
    $discount = array_sum(array_column($discounts, 'amount'));
    $totals = fn ($tax) => ['goods' => $goods, 'discount' => $discount, 'tax' => $tax['amount']]
        + ['total' => $goods - $discount + ($tax['included'] ? 0 : $tax['amount'])];
    $priced = fn ($destination) => ['totals' => $totals($destination['tax'])] + $destination;
    $destinations = isset($cart['destinations']) ? ['destinations' => array_map($priced, $cart['destinations'])] : [];
    $cut = fn ($titled) => ['title' => preg_replace('/^(.{200}).+$/us', '$1', $titled['title'])] + $titled;
    return sign_claims([
        'iss' => $shop,
        'aud' => 'fallback-checkout',
        'iat' => $iat,
        'exp' => $iat + LIFETIME_SECONDS,
        'lines' => array_map($cut, array_values($cart['lines'])),
        'discounts' => array_map($cut, $discounts),
        'delivery' => array_map($cut, array_values($cart['delivery'])),
        'totals' => $totals($cart['tax']),
    ] + $destinations + $cart, $key);
}

/** A JWS in compact form (RFC 7515) of any claims. */
function sign_claims(array $claims, array $key): string
{
    $header = ['alg' => $key['alg'], 'kid' => $key['kid'], 'typ' => 'cart+jwt'];
    $text = implode('.', array_map(fn ($part) => base64url(json($part)), [$header, $claims]));
    $secret = base64_decode(strtr($key['k'] ?? $key['d'], '-_', '+/'), true);
    $signature = match ($key['alg']) {
        'HS256' => hash_hmac('sha256', $text, $secret, true),
        'Ed25519' => sodium_crypto_sign_detached($text, sodium_crypto_sign_secretkey(sodium_crypto_sign_seed_keypair($secret))),
        default => throw new \InvalidArgumentException("not HS256 or Ed25519: {$key['alg']}"),
    };
    return $text . '.' . base64url($signature);
}

/**
 * Sends the token of a large cart ahead of time. Returns what to set as the cookie, instead of the token.
 *
 * @param string $checkout its address
 * @param string $shop_token FALLBACK_SHOP_TOKEN
 */
function push(string $checkout, string $cart_id, string $token, string $shop_token): string
{
    $context = stream_context_create(['http' => [
        'method' => 'PUT',
        'header' => "Authorization: Bearer $shop_token\r\nContent-Type: application/json",
        'content' => json(['cart_token' => $token]),
        'timeout' => PATIENCE_SECONDS,
        'ignore_errors' => true,
    ]]);
    $answer = @file_get_contents("$checkout/v1/carts/" . rawurlencode($cart_id), false, $context);
    return json_decode($answer ?: '', true)['fallback_cart'] ?? throw new \RuntimeException($answer ?: 'no answer');
}

function json(array $value): string
{
    return json_encode($value, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR);
}

function base64url(string $data): string
{
    return rtrim(strtr(base64_encode($data), '+/', '-_'), '=');
}
