"""The verbs, one line an entry: English ; German ; kind ; complements.

English: lemma, for irregular verbs with ``/past/participle``, then fixed words; ``~on`` is a particle that follows a
pronoun object.  German: infinitive (``an|rufen`` is separable), for strong verbs third person present, preterite and
participle (``-``: regular); ``sein`` takes that auxiliary; ``sich`` is an accusative, ``sich3`` a dative reflexive.
Kind: action, event (nothing one decides to do) or state.
Complements: ``case:classes`` or ``preposition+case:classes``; ``@to`` is the English preposition before that noun;
``dir``/``loc`` are places one goes to or is at, ``onto``/``on`` the same with pieces of furniture.
"""

PERSON_VERBS = """
buy/bought/bought ; kaufen ; action ; acc:clothing,food,foodstuff,vehicle,furniture,device,gift,tool,dish,toy
sell/sold/sold ; verkaufen ; action ; acc:vehicle,furniture,device,estate,artwork,food,toy,plant
read/read/read ; lesen liest las gelesen ; action ; acc:readable
write/wrote/written ; schreiben - schrieb geschrieben ; action ; acc:text
repair ; reparieren ; action ; acc:vehicle,device,furniture,fence,toy
clean ; putzen ; action ; acc:room,mirror,window,shoe,boot,bicycle
wash ; waschen wäscht wusch gewaschen ; action ; acc:clothing,dish,fruit,car,lorry,towel,blanket,pillow
open ; öffnen ; action ; acc:openable,luggage,mail,shop
close ; schließen - schloss geschlossen ; action ; acc:openable,luggage,umbrella
cook ; kochen ; action ; acc:cooked
bake ; backen - - gebacken ; action ; acc:baked
eat/ate/eaten ; essen isst aß gegessen ; action ; acc:food,foodstuff
order ; bestellen ; action ; acc:food,drink,furniture,book,device
taste ; probieren ; action ; acc:food,foodstuff,drink
share ; teilen ; action ; acc:food,foodstuff,flat,secret
drink/drank/drunk ; trinken - trank getrunken ; action ; acc:drink
see/saw/seen ; sehen sieht sah gesehen ; event ; acc:person,animal,kin,sight,vehicle,transport
hear/heard/heard ; hören ; event ; acc:sound,animal,transport
watch ; sich3 an|sehen sieht sah gesehen ; action ; acc:show
look for ; suchen ; action ; acc:lost,tool,animal,clothing,container,paper
find/found/found ; finden - fand gefunden ; event ; acc:lost,mistake,answer,collectible,paper,animal,job
lose/lost/lost ; verlieren - verlor verloren ; event ; acc:lost,cap,scarf,job,bag
forget/forgot/forgotten ; vergessen vergisst vergaß vergessen ; event ; acc:lost,word,dream,voice,birthday,rule
take/took/taken ; nehmen nimmt nahm genommen ; action ; acc:transport
visit ; besuchen ; action ; acc:kin,sight,person,course,exhibition
meet/met/met ; treffen trifft traf getroffen ; action ; acc:person,kin
invite ; ein|laden lädt lud geladen ; action ; acc:person,kin
call ; an|rufen - rief gerufen ; action ; acc:person,kin
pick ~up ; ab|holen ; action ; acc:kin,parcel,luggage,guest,child,ticket
turn ~on ; ein|schalten ; action ; acc:lamp,computer,television,radio,printer,heater,washing_machine,oven
turn ~off ; aus|schalten ; action ; acc:lamp,computer,television,radio,printer,heater,alarm_clock,oven
put/put/put ~on ; an|ziehen - zog gezogen ; action ; acc:coat,shirt,dress,jacket,skirt,jumper,shoe,suit,blouse,boot
take/took/taken ~off ; aus|ziehen - zog gezogen ; action ; acc:coat,shirt,dress,jacket,jumper,shoe,boot
try ~on ; an|probieren ; action ; acc:clothing
throw/threw/thrown ~away ; weg|werfen wirft warf geworfen ; action ; acc:clothing,readable,dish,chair,carpet,toy
fill ~in ; aus|füllen ; action ; acc:form
tidy ~up ; auf|räumen ; action ; acc:room,desk,cupboard,office
unpack ; aus|packen ; action ; acc:luggage,parcel,box,present
read/read/read ~out ; vor|lesen liest las gelesen ; action ; acc:text
write/wrote/written ~down ; auf|schreiben - schrieb geschrieben ; action ; acc:address,recipe,word,sentence,idea
hand ~in ; ab|geben gibt gab gegeben ; action ; acc:report,form,task,exercise,key
prepare ; vor|bereiten ; action ; acc:event,lesson
carry ; tragen trägt trug getragen ; action ; acc:container,furniture,ladder,child
wear/wore/worn ; tragen trägt trug getragen ; state ; acc:clothing,ring
build/built/built ; bauen ; action ; acc:house,castle,hotel,fence,bridge,boat,furniture,school
draw/drew/drawn ; zeichnen ; action ; acc:animal,plant,sight,map,vehicle
paint ; streichen - strich gestrichen ; action ; acc:paintable,wall,surface,seat
plant ; pflanzen ; action ; acc:plant,vegetable
water ; gießen - goss gegossen ; action ; acc:plant,tomato,flower
feed/fed/fed ; füttern ; action ; acc:animal
speak/spoke/spoken ; sprechen spricht sprach gesprochen ; state ; acc:language
study ; studieren ; state ; acc:subject
teach/taught/taught ; unterrichten ; state ; acc:language,subject
learn ; lernen ; action ; acc:language,word,rule
understand/understood/understood ; verstehen - verstand verstanden ; state ; acc:language,matter,text
answer ; beantworten ; action ; acc:question,letter,email,message,postcard
sign ; unterschreiben - unterschrieb unterschrieben ; action ; acc:paper
check ; prüfen ; action ; acc:answer,paper,passport,ticket,sentence
correct ; korrigieren ; action ; acc:mistake,text,sentence,exercise
solve ; lösen ; action ; acc:problem,task
discuss ; besprechen bespricht besprach besprochen ; action ; acc:issue,plan,journey,contract,idea,report
describe ; beschreiben - beschrieb beschrieben ; action ; acc:sight,home,artwork,dream,person
photograph ; fotografieren ; action ; acc:animal,sight,plant,person
cancel ; ab|sagen ; action ; acc:event
miss ; verpassen ; event ; acc:transport,show,appointment,concert
reach ; erreichen ; event ; acc:ground,station,area,shore,waterside,mountain,hotel
love ; lieben ; state ; acc:kin,pet,horse,shore,instrument,home,flower,song,film
know/knew/known ; kennen - kannte gekannt ; state ; acc:person,kin,sight,home,song,address,secret
own ; besitzen - besaß besessen ; state ; acc:vehicle,pet,horse,cow,lamb,donkey,goat,estate,instrument,device,artwork
need ; brauchen ; state ; acc:tool,luggage,towel,pillow,paper,clothing,dish,device,job,passport
celebrate ; feiern ; action ; acc:festivity
plan ; planen ; action ; acc:journey,festivity,meeting,concert
book ; buchen ; action ; acc:journey,hotel,flat,course
pay/paid/paid ; bezahlen ; action ; acc:bill
collect ; sammeln ; action ; acc:collectible,postcard,doll,map,poem
hide/hid/hidden ; verstecken ; action ; acc:present,lost,collectible,diary,chocolate
break/broke/broken ; zerbrechen zerbricht zerbrach zerbrochen ; event ; acc:dish,mirror
cut/cut/cut ; schneiden - schnitt geschnitten ; action ; acc:fruit,vegetable,bread,cheese,cake,sausage
fetch ; holen ; action ; acc:tool,luggage,blanket,pillow,towel,dish,chair,newspaper,bread,doctor,drink
pack ; packen ; action ; acc:luggage
use ; benutzen ; state ; acc:tool,device,dish,map,bicycle,towel
borrow ; aus|leihen - lieh geliehen ; action ; acc:volume,newspaper,map,vehicle,tool,umbrella
lock ; ab|schließen - schloss geschlossen ; action ; acc:door,gate,bicycle,drawer,office,shop,garage
sing/sang/sung ; singen - sang gesungen ; action ; acc:song
play ; spielen ; action ; acc:instrument,game
count ; zählen ; action ; acc:collectible,animal,guest,chair
greet ; begrüßen ; action ; acc:person,kin
watch over ; bewachen ; action ; acc:gate,farm,castle,lamb,luggage
wake/woke/woken ~up ; wecken ; action ; acc:kin,child,guest
show/showed/shown ; zeigen ; action ; dat:person,kin acc:artwork,map,letter,home,text,clothing,sight
give/gave/given ; geben gibt gab gegeben ; action ; dat:person,kin acc:gift,lost,book,newspaper,recipe,tool,fruit
lend/lent/lent ; leihen - lieh geliehen ; action ; dat:person,kin acc:road,tool,volume,luggage,umbrella,clothing
send/sent/sent ; schicken ; action ; dat:person,kin acc:mail,artwork,paper,gift
tell/told/told ; erzählen ; action ; dat:person,kin acc:tale
bring/brought/brought ; bringen - brachte gebracht ; action ; dat:person,kin acc:drink,gift,dish,lost,newspaper
explain ; erklären ; action ; acc:matter dat:person,kin@to
recommend ; empfehlen empfiehlt empfahl empfohlen ; action ; acc:volume,show,hotel,restaurant,course dat:person,kin@to
read/read/read ; vor|lesen liest las gelesen ; action ; acc:text dat:child,pupil,kin@to
promise ; versprechen verspricht versprach versprochen ; action ; dat:kin,child,colleague acc:gift,journey,answer
help ; helfen hilft half geholfen ; action ; dat:person,kin
thank ; danken ; action ; dat:person,kin
reply to ; antworten ; action ; dat:person,kin
follow ; folgen sein ; action ; dat:person,animal,road
listen to ; zu|hören ; action ; dat:person,kin
trust ; vertrauen ; state ; dat:person,kin
congratulate ; gratulieren ; action ; dat:person,kin
contradict ; widersprechen widerspricht widersprach widersprochen ; action ; dat:boss,judge,teacher,kin,lawyer
wait for ; warten ; action ; auf+acc:person,kin,transport,mail,answer,snow,rain
think/thought/thought of ; denken - dachte gedacht ; event ; an+acc:person,kin,event
talk about ; sprechen spricht sprach gesprochen ; action ; über+acc:issue,event,show,sight,person
talk to ; sprechen spricht sprach gesprochen ; action ; mit+dat:person,kin
dream of ; träumen ; event ; von+dat:home,journey,animal,shore,vehicle
laugh at ; lachen ; action ; über+acc:joke,story,mistake,monkey,hat
take/took/taken part in ; teil|nehmen nimmt nahm genommen ; action ; an+dat:course,meeting,race,competition,exam
begin/began/begun with ; beginnen - begann begonnen ; action ; mit+dat:exercise,lesson,task,report,novel
look forward to ; sich freuen ; state ; auf+acc:event,show,guest,kin
be interested in ; sich interessieren ; state ; für+acc:subject,language,plant,sight,animal,job,vehicle
remember ; sich erinnern ; event ; an+acc:person,kin,event,dream,voice,address,word,song
complain about ; sich beschweren ; action ; über+acc:price,bill,condition,hotel,boss,food,neighbour
get/got/got used to ; sich gewöhnen ; event ; an+acc:job,city,condition,voice,colleague,device
prepare for ; sich vor|bereiten ; action ; auf+acc:exam,race,competition,concert,journey,appointment
apologise to ; sich entschuldigen ; action ; bei+dat:person,kin
apply for ; sich bewerben bewirbt bewarb beworben ; action ; um+acc:job
take/took/taken care of ; sich kümmern ; action ; um+acc:animal,kin,child,guest,garden,plant
say/said/said goodbye to ; sich verabschieden ; action ; von+dat:person,kin
be afraid of ; sich fürchten ; state ; vor+dat:dog,wild,exam,dentist,boss,judge,horse
be annoyed about ; sich ärgern ; state ; über+acc:issue,condition,neighbour,boss
ask ; bitten - bat gebeten ; action ; acc:person,kin um+acc:answer,address,bill,map,blanket,key@for
protect ; schützen ; action ; acc:child,animal,plant vor+dat:condition,dog,wild@from
invite ; ein|laden lädt lud geladen ; action ; acc:person,kin zu+dat:festivity,concert@to
put/put/put ; legen ; action ; acc:layable onto:surface
put/put/put ; stellen ; action ; acc:upright onto:surface
hide/hid/hidden ; verstecken ; action ; acc:present,lost,collectible,diary on:surface
sit/sat/sat down ; sich setzen ; action ; onto:seat
sit/sat/sat ; sitzen - saß gesessen ; action ; on:seat
go/went/gone ; gehen - ging gegangen sein ; action ; dir
drive/drove/driven ; fahren fährt fuhr gefahren sein ; action ; dir
run/ran/run ; laufen läuft lief gelaufen sein ; action ; dir
return ; zurück|kehren sein ; action ; dir
travel ; reisen sein ; action ; abroad
fly/flew/flown ; fliegen - flog geflogen sein ; action ; abroad
move ; um|ziehen - zog gezogen sein ; action ; abroad
live ; wohnen ; state ; loc
work ; arbeiten ; action ; loc
sleep/slept/slept ; schlafen schläft schlief geschlafen ; action ; loc
arrive ; an|kommen - kam gekommen sein ; event ; loc
stay ; bleiben - blieb geblieben sein ; action ; loc
wait ; warten ; action ; loc
"""

SIMPLE_VERBS = """
work ; arbeiten ; action ;
sleep/slept/slept ; schlafen schläft schlief geschlafen ; action ;
dance ; tanzen ; action ;
laugh ; lachen ; action ;
cry ; weinen ; action ;
swim/swam/swum ; schwimmen - schwamm geschwommen sein ; action ;
smile ; lächeln ; action ;
get/got/got up ; auf|stehen - stand gestanden sein ; action ;
fall/fell/fallen asleep ; ein|schlafen schläft schlief geschlafen sein ; event ;
wake/woke/woken up ; auf|wachen sein ; event ;
rest ; sich aus|ruhen ; action ;
hurry ; sich beeilen ; action ;
have/had/had breakfast ; frühstücken ; action ;
go/went/gone shopping ; ein|kaufen ; action ;
"""

OTHER_VERBS = """
lie/lay/lain ; liegen - lag gelegen ; state ; on:surface
stand/stood/stood ; stehen - stand gestanden ; state ; on:surface
belong to ; gehören ; state ; dat:person,kin
be ; sein ist war gewesen sein ; state ;
have/had/had ; haben hat hatte gehabt ; state ; acc
come/came/come home ; kommen - kam gekommen sein ; event ;
give/gave/given ; geben gibt gab gegeben ; hidden ; acc
rain ; regnen ; event ;
snow ; schneien ; event ;
cost/cost/cost ; kosten ; state ;
let/let/let ; lassen lässt ließ gelassen ; state ;
know/knew/known ; wissen weiß wusste gewusst ; state ;
believe ; glauben ; state ;
hope ; hoffen ; state ;
say/said/said ; sagen ; action ;
ask ; fragen ; action ;
try ; versuchen ; action ;
decide ; beschließen - beschloss beschlossen ; event ;
forget/forgot/forgotten ; vergessen vergisst vergaß vergessen ; event ;
plan ; vor|haben hat hatte gehabt ; state ;
begin/began/begun ; beginnen - begann begonnen ; event ;
"""
