from ops.demo.stripe_sandbox.server import main

main()
