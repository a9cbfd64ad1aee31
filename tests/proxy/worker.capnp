using Workerd = import "/workerd/workerd.capnp";

# The Worker as it is deployed, and what Cloudflare's edge does around it.
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = (
      modules = [(name = "worker.js", esModule = embed "../../ops/proxy/worker/worker.js")],
      compatibilityDate = "2026-10-01",
      bindings = [
        (name = "FALLBACK", fromEnvironment = "FALLBACK"),
        (name = "PRIMARY_TIMEOUT", fromEnvironment = "PRIMARY_TIMEOUT"),
        (name = "PROXY_TOKEN", fromEnvironment = "PROXY_TOKEN"),
        (name = "SHARE", fromEnvironment = "SHARE"),
      ],
      globalOutbound = "zone",
    )),
    (name = "zone", worker = (
      modules = [(name = "zone.js", esModule = embed "zone.js")],
      compatibilityDate = "2026-10-01",
      bindings = [
        (name = "FALLBACK", fromEnvironment = "FALLBACK"),
        (name = "shop", service = "shop"),
        (name = "net", service = "net"),
      ],
    )),
    (name = "shop", external = (http = ())),
    (name = "net", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "front", service = "worker", http = (
    injectRequestHeaders = [(name = "CF-Connecting-IP", value = "127.0.0.1")],
  ))],
);
