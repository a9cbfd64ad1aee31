// Medusa's command line with the words that MEDUSA_COMMAND has.
process.argv.push(...process.env.MEDUSA_COMMAND.split(' '))
require('@medusajs/cli/cli.js')
