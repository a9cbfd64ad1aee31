// As in a zone of Cloudflare: the shop's own address leads to its servers, every other one into the network.
export default {
  fetch(request, { FALLBACK, shop, net }) {
    return request.url.startsWith(`${FALLBACK}/`) ? net.fetch(request) : shop.fetch(request);
  },
};
