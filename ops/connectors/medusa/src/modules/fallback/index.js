const { Module } = require('@medusajs/framework/utils')
const FallbackService = require('./service')

module.exports.default = Module('fallback', { service: FallbackService })
