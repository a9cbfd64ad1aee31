# The proxy in front of the shop where that is Fastly: the same rules as nginx.conf, as far as VCL goes.
#
# A template: fill in the names in capitals with `envsubst '$PRIMARY_HOST ...' <fastly.vcl`, and upload it as the main VCL
# of a service without shielding. Fastly's own log formats have the whole address, and query strings may carry the key of
# an order: log what vcl_log writes.
#   PRIMARY_HOST     host of the shop's own servers, which get the Host that the customer asked for
#   PRIMARY_TIMEOUT  how long the shop may take to answer before it counts as failed, such as 10s
#   FALLBACK_HOST    host of fallback
#   PROXY_TOKEN      the value of FALLBACK_PROXY_TOKEN: proves to fallback that this proxy sent the customer
#   SHARE            percentage of customers who check out with fallback in standby while it allows that
# For a shop with other paths, change what is marked (shop).
#
# How it works: a visit to the checkout first becomes the question for the mode, which is cached for a second, and starts
# again with the answer. What fails starts again too, in vcl_deliver; Fastly allows three restarts, and none needs more.
#   X-Fallback-Step   'ask', 'shop', 'failed', 'away', 'ours', 'mode' or 'share': where the request is sent now, and why
#   X-Fallback-Url    what the customer asked for
#
# Differences from nginx:
#   - A request with a body cannot start again. So a form that the shop may have taken is answered by a redirect (303) to
#     our page, and such a customer does not count as evidence of the outage; a form of another page leads to the front
#     page; and a form of the shop's checkout goes to the shop in active too: only visits follow the mode.
#   - How slowly a body may come is Fastly's business.

backend shop {
  .host = "${PRIMARY_HOST}";
  .port = "443";
  .ssl = true;
  .ssl_cert_hostname = "${PRIMARY_HOST}";
  .ssl_sni_hostname = "${PRIMARY_HOST}";
  .connect_timeout = 2s;
  .first_byte_timeout = ${PRIMARY_TIMEOUT};
  .between_bytes_timeout = ${PRIMARY_TIMEOUT};
}

backend fallback {
  .host = "${FALLBACK_HOST}";
  .port = "443";
  .ssl = true;
  .ssl_cert_hostname = "${FALLBACK_HOST}";
  .ssl_sni_hostname = "${FALLBACK_HOST}";
  .connect_timeout = 2s;
  .first_byte_timeout = 30s;
  .between_bytes_timeout = 30s;
}

sub vcl_recv {
#FASTLY recv
  declare local var.query STRING;
  declare local var.customer STRING;
  declare local var.picked INTEGER;

  if (req.restarts == 0) {
    # What only a proxy may say, in any spelling that WSGI takes for the same.
    unset req.http.X-Fallback*;
    unset req.http.X-Forwarded*;
    unset req.http.X_*;
    unset req.http.X-Real-IP;
    unset req.http.X-Real_IP;
    unset req.http.Forwarded;
    set req.http.X-Forwarded-For = client.ip;
    set req.http.X-Forwarded-Proto = if(req.is_ssl, "https", "http");
    set req.http.X-Forwarded-Host = req.http.Host;
    set req.http.X-Fallback-Url = req.url;

    if (req.url.path ~ "^/(v1|orders|webhooks|static/fallback|status)/" || req.url.path ~ "^/(failover\.js|policy|status(\.atom)?)$") {
      set req.http.X-Fallback-Step = "ours";
    } else if (req.method == "POST" && req.url.path ~ "^/checkout(/cart|/draft|/fields)?$") {
      # The forms on our own pages. No shop has exactly these. (shop)
      set req.http.X-Fallback-Step = "ours";
    } else if (req.method ~ "^(GET|HEAD)$" && req.url.path ~ "^/checkout/drafts/") {
      set req.http.X-Fallback-Step = "ours";
    } else if (req.method ~ "^(GET|HEAD)$" && req.url.path == "/checkout/-/checking") {
      set req.http.X-Fallback-Step = "ours";
      set req.http.X-Fallback-Url = "/checkout?checking=1";
    } else if (req.method ~ "^(GET|HEAD)$" && req.url.path ~ "^/checkout(/|$)") {
      # The checkout (shop)
      set req.http.X-Fallback-Step = "ask";
    } else {
      set req.http.X-Fallback-Step = "shop";
    }
  }

  set req.url = req.http.X-Fallback-Url;
  set var.query = regsub(req.url, "^[^?]*", "");

  if (req.http.X-Fallback-Step == "asked") {
    # The same customers each time: nobody moves between two checkouts. They enter on the first page of the checkout, not
    # in the middle of one that was begun at the shop. (shop)
    set var.customer = client.ip " " req.http.User-Agent;
    set var.picked = std.strtol(substr(digest.hash_sha256(var.customer), 0, 7), 16);
    set var.picked %= 100;
    if (req.http.X-Fallback-Route == "fallback") {
      set req.http.X-Fallback-Step = "mode";
    } else if (req.http.X-Fallback-Share == "yes" && var.picked < ${SHARE} && req.method == "GET" && req.url.path ~ "^/checkout/?$") {
      set req.http.X-Fallback-Step = "share";
    } else {
      set req.http.X-Fallback-Step = "shop";
    }
  }

  if (req.http.X-Fallback-Step == "ask") {
    set req.backend = fallback;
    set req.url = "/v1/mode";
    return(lookup);
  }
  if (req.http.X-Fallback-Step == "shop") {
    set req.backend = shop;
    if (req.method ~ "^(GET|HEAD)$" && req.url.path !~ "^/checkout(/|$)") {
      return(lookup);
    }
    return(pass);
  }
  set req.backend = fallback;
  if (req.http.X-Fallback-Step ~ "^(failed|mode|share)$") {
    set req.url = "/checkout" var.query;
  } else if (req.http.X-Fallback-Step == "away") {
    # A page of the shop that is not its checkout: fallback explains the outage, and offers the checkout to customers who
    # have a basket.
    set req.url = "/away";
  }
  return(pass);
}

sub vcl_hash {
#FASTLY hash
  set req.hash += req.url;
  set req.hash += req.http.host;
  return(hash);
}

# The question for the mode carries nothing of the customer; and no answer in time means: the shop serves.
sub vcl_miss {
#FASTLY miss
  if (req.http.X-Fallback-Step == "ask") {
    unset bereq.http.Cookie;
    unset bereq.http.Authorization;
    unset bereq.http.X-Forwarded-For;
    set bereq.connect_timeout = 500ms;
    set bereq.first_byte_timeout = 500ms;
  }
  unset bereq.http.X-Fallback*;
  return(fetch);
}

# Only here a request is made ours: the shop never sees the token.
sub vcl_pass {
#FASTLY pass
  unset bereq.http.X-Fallback*;
  if (req.backend == fallback) {
    set bereq.http.X-Fallback-Proxy = "${PROXY_TOKEN}";
    set bereq.http.X-Fallback-Reason = if(req.http.X-Fallback-Step == "away", "failed", req.http.X-Fallback-Step);
    # A trace header from a browser is for the shop: fallback would take it for one of ours.
    unset bereq.http.traceparent;
  }
  return(pass);
}

sub vcl_fetch {
#FASTLY fetch
  if (req.http.X-Fallback-Step == "ask") {
    unset beresp.http.Vary;
    unset beresp.http.Set-Cookie;
    set beresp.cacheable = true;
    set beresp.ttl = 1s;
    return(deliver);
  }
  if (beresp.http.Set-Cookie || beresp.http.Cache-Control ~ "private|no-store" || beresp.http.Cache-Control !~ "max-age") {
    return(pass);
  }
  return(deliver);
}

sub vcl_error {
#FASTLY error
  set obj.status = 503;
  set obj.http.X-Fallback-Unreached = "yes";
  set obj.http.Content-Type = "text/html; charset=utf-8";
  set obj.http.Retry-After = "10";
  set obj.http.Cache-Control = "no-store";
  synthetic {"<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>We will be back in a moment</title>
<style>body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem }</style>
<h1>We will be back in a moment</h1>
<p>This page cannot be shown right now. Please load it again in a minute.</p>
<p>If you have just sent an order, it may have reached us: please wait for our mail before you send it again.</p>
</html>
"};
  return(deliver);
}

sub vcl_deliver {
#FASTLY deliver
  declare local var.gone BOOL;
  set var.gone = false;
  if (resp.http.X-Fallback-Unreached || resp.status == 502 || resp.status == 504) {
    set var.gone = true;
  }
  unset resp.http.X-Fallback-Unreached;

  if (req.http.X-Fallback-Step == "ask") {
    set req.http.X-Fallback-Route = if(resp.status == 200, resp.http.X-Fallback-Route, "");
    set req.http.X-Fallback-Share = if(resp.status == 200, resp.http.X-Fallback-Share, "");
    set req.http.X-Fallback-Step = "asked";
    restart;
  }
  # A 503 from fallback means 'busy, try again': the shop, which is out of service, must not get its load.
  if (req.http.X-Fallback-Step == "mode" && var.gone) {
    set req.http.X-Fallback-Step = "shop";
    restart;
  }
  if (req.http.X-Fallback-Step == "share" && (var.gone || resp.status == 503)) {
    set req.http.X-Fallback-Step = "shop";
    restart;
  }
  if (req.http.X-Fallback-Step == "shop" && req.url.path ~ "^/checkout(/|$)" && (var.gone || resp.status == 503)) {
    if (req.method ~ "^(GET|HEAD)$") {
      set req.http.X-Fallback-Step = "failed";
      restart;
    }
    # A form is never sent again: the shop may have taken the order before it failed.
    set resp.status = 303;
    set resp.http.Location = "/checkout/-/checking";
  }
  # Any other page of the shop. What it answers itself with 503 is left alone, and a missing picture or script must not be
  # answered with a page.
  if (req.http.X-Fallback-Step == "shop" && req.url.path !~ "^/checkout(/|$)" && var.gone && req.http.Accept ~ "text/html") {
    if (req.method ~ "^(GET|HEAD)$") {
      set req.http.X-Fallback-Step = "away";
      restart;
    }
    set resp.status = 303;
    set resp.http.Location = "/";
  }
  return(deliver);
}

# Paths without their query strings, and without the end of a form's link, for the keys that these may carry.
sub vcl_log {
#FASTLY log
  declare local var.path STRING;
  set var.path = regsub(req.http.X-Fallback-Url, "\?.*", "");
  set var.path = regsub(var.path, "^(/checkout/drafts/|/status/subscription/).*", "\1");
  log "syslog " req.service_id " fallback :: " req.method " " var.path " " resp.status " " req.http.X-Fallback-Step;
}
