// The payment of the shop's own checkout in tests: on invoice, settled at once.
const { LanguageCode, PaymentMethodHandler } = require('@vendure/core');

exports.invoice = new PaymentMethodHandler({
  code: 'invoice',
  description: [{ languageCode: LanguageCode.en, value: 'Invoice' }],
  args: {},
  createPayment: (ctx, order, amount) => ({ amount, state: 'Settled', transactionId: order.code, metadata: {} }),
  settlePayment: () => ({ success: true }),
});
