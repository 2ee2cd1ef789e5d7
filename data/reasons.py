"""Why, and in spite of what, people do things: what makes a sentence with *because* or *although* plausible."""

# English verb ; adjectives of the object that are a reason ; adjectives that speak against it
OBJECT_REASONS = """
buy ; cheap beautiful useful new good fresh elegant comfortable modern ripe ; expensive old ugly heavy dirty broken
sell ; old slow ugly broken big small expensive ; beautiful new fast comfortable useful modern
clean ; dirty old ; clean new small
wash ; dirty old ; clean new
throw away ; old broken ugly dirty boring thin ; new useful beautiful expensive interesting funny
eat ; delicious sweet fresh healthy ripe ; sour cold
drink ; cold hot sweet strong delicious ; sour hot strong
read ; exciting interesting short funny important famous ; boring long sad thick difficult
read out ; exciting interesting short funny important ; boring long sad secret
wear ; warm beautiful elegant comfortable new light cheap ; old ugly dirty thin expensive
put on ; warm beautiful elegant comfortable clean ; old ugly dirty thin
try on ; beautiful elegant comfortable cheap ; expensive ugly old
repair ; broken useful good ; old cheap slow
love ; beautiful friendly funny quiet interesting famous ; loud old lazy lonely sad
carry ; empty light ; heavy full big
solve ; simple important ; difficult
learn ; important simple ; difficult long
understand ; simple short good ; difficult long strange boring
book ; cheap good interesting short ; expensive boring long
watch ; exciting funny interesting good ; boring long sad bad
visit ; famous beautiful interesting modern ; expensive boring old ugly
paint ; ugly old dirty ; new beautiful clean
answer ; important friendly polite simple ; strange difficult long boring
use ; new modern good useful ; old slow dirty broken
need ; useful warm big sharp good ; expensive heavy old ugly
borrow ; useful interesting exciting good fast ; old boring heavy slow
feed ; hungry small young ; wild dangerous lazy
photograph ; beautiful famous big funny ; ugly small dangerous
describe ; beautiful famous strange ; ugly boring long
draw ; beautiful famous old ; ugly big small
forget ; difficult long old ; important new useful
collect ; beautiful old small funny ; expensive heavy ugly
sing ; beautiful sad funny ; sad long
cook ; fresh healthy delicious cheap ; old expensive cold
bake ; delicious sweet cheap ; difficult
discuss ; important difficult big interesting ; simple boring secret
own ; cheap beautiful old useful ; expensive old slow ugly dangerous
sign ; important good short ; long bad difficult
cancel ; boring long difficult expensive ; important interesting exciting
correct ; important long good ; boring long difficult
miss ; fast short ; slow important exciting interesting
"""

# Why, and with whom, one does nearly anything.
SOCIAL = {"help", "thank", "visit", "meet", "congratulate", "call", "invite"}
# What one leaves out, rudely or in haste: without ...
OMITTED = {"say goodbye to", "thank", "greet", "wait for", "call", "talk to", "apologise to"}


def _labels(text: str) -> frozenset[str]:
    return frozenset(label.strip() for label in text.split(","))


# What one does in bad weather.
INDOORS = _labels("""stay, put on, drink, cook, turn on, close, watch, read, bake, play, take, fetch, pick up, write,
tidy up""")
# What one goes somewhere for.
ERRANDS = _labels("""buy, visit, meet, watch, help, look for, fetch, pick up, photograph, draw, sell, learn, write,
repair, talk to, celebrate, prepare for, take care of, play, feed, plan, tidy up, prepare, bake, apply for, book,
borrow, congratulate, say goodbye to, cook, build, discuss""")
