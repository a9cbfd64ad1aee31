from ops.demo.breaking import in_words, ways
from ops.demo.colleagues import COLLEAGUES
from ops.demo.env import Env
from ops.demo.front import nginx_path
from ops.demo.places import Place, usual_state
from ops.demo.shops import SHOPS, shop_of


def welcome(place: Place, env: Env, seconds: float) -> str:
    """The addresses of the demo and what to try first."""
    demo = place.command()
    office, staff = shop_of(place).back_office(place, env)
    front, console = place.url("front"), f"{place.url('fallback')}/console"
    lines = [
        f"Ready after {seconds:.0f} seconds.",
        "",
        f"  The shop, through the proxy   {front}/",
        f"  {office:28}  {staff}",
        f"  Fallback's console            {console}   token: {env['CONSOLE_TOKEN']}",
        *(f"    {who.name + ', ' + who.role:28}password: {env[who.password]}" for who in COLLEAGUES),
        f"  Mails                         {place.mail}",
        "",
        "Put a book in the basket, then:",
        "",
        f"  {demo} break shop    check out now: pay with 4242 4242 4242 4242",
        f"  {demo} mail          the mails that the customer got",
        f"  {demo} heal shop     within seconds the order is in the shop",
        f"  {demo} status        what is running; with `down` everything stops, with `--help` you see the rest",
    ]
    lines += ["", f"What can be broken, and how: {in_words(ways(place))}."]
    for name, shop in SHOPS.items():
        if name != place.shop:
            lines += [f"The same on {shop.title}: {Place(usual_state(name), shop=name).command()}"]
    if nginx_path() is None:
        lines += ["", "There is no nginx here: failover.js in the shop's pages leads customers to Fallback Checkout."]
    if broken := [f"{name} ({way})" for name in ways(place) if (way := place.broken(name))]:
        lines += ["", f"Still broken on purpose: {', '.join(broken)}. {place.command('heal')} heals everything."]
    return "\n".join(["", *lines])
