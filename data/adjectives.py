"""The adjectives, one line an entry.

English ; German (with comparative and superlative where irregular) ; how English compares: er, more, both forms
spelled out, or - for not at all ; the nouns, or classes of nouns, it can be said of.
"""

ADJECTIVES = """
old ; alt älter ältest ; er ; person,animal,vehicle,device,furniture,building,home,container,tool,clothing,artwork
young ; jung jünger jüngst ; er ; person,animal,tree
small ; klein ; er ; animal,vehicle,furniture,building,room,area,container,dish,device,toy,gate,window,island,child
big ; groß größer größt ; bigger/biggest ; animal,furniture,building,room,area,container,dish,tree,window,gate,issue
new ; neu neuer neuest ; er ; vehicle,transport,device,furniture,building,clothing,tool,readable,colleague,job,boss
expensive ; teuer teurer teuerst ; more ; vehicle,device,furniture,clothing,dish,hotel,restaurant,flat,wine,ring,journey
cheap ; billig ; er ; vehicle,device,furniture,clothing,dish,hotel,tool,fruit,wine,ticket,luggage
beautiful ; schön ; more ; sight,area,shore,waterside,clothing,plant,artwork,voice,song,horse,wedding,garden,dish,flower
ugly ; hässlich ; uglier/ugliest ; building,clothing,furniture,lamp,vase,fence
heavy ; schwer ; heavier/heaviest ; furniture,container,ladder,hammer,device
light ; leicht ; er ; luggage,ladder,coat,jacket
friendly ; freundlich ; friendlier/friendliest ; person,pet,voice
kind ; nett ; er ; person
brave ; mutig ; er ; person
curious ; neugierig ; more ; person,monkey,cat
tall ; groß größer größt ; er ; person
serious ; ernst ; more ; person,letter
cheerful ; fröhlich ; more ; person,song
tired ; müde ; - ; person,pet,donkey
famous ; berühmt ; more ; writer,painter,singer,actress,actor,artist,scientist,photographer,sight,play,song,novel
clever ; klug klüger klügst ; cleverer/cleverest ; person,monkey,dog,idea,answer
hungry ; hungrig ; hungrier/hungriest ; animal,child,guest,boy,girl,tourist
angry ; wütend ; angrier/angriest ; boss,neighbour,customer,man,woman,guest,dog
strict ; streng ; er ; teacher,judge,boss,mayor,rule
polite ; höflich ; more ; waitress,customer,secretary,boy,girl,man,woman,letter,answer
happy ; glücklich ; happier/happiest ; child,boy,girl,woman,man
rich ; reich ; er ; man,woman,lawyer,customer,actress,city
poor ; arm ärmer ärmst ; er ; artist,man,woman,village,farmer
shy ; schüchtern ; er ; boy,girl,pupil,child,cat
lazy ; faul ; lazier/laziest ; pupil,student,cat,donkey
hard-working ; fleißig ; more ; pupil,student,farmer,gardener,mechanic
fast ; schnell ; er ; road,transport,horse,boat,computer
slow ; langsam ; er ; transport,computer,tractor,donkey
modern ; modern ; more ; building,kitchen,bathroom,device,furniture,flat,city
broken ; kaputt ; - ; device,vehicle,chair,fence,window,umbrella,toy
dirty ; schmutzig ; dirtier/dirtiest ; clothing,dish,room,vehicle,window,wall,towel,carpet
clean ; sauber ; er ; dish,room,towel,shirt,window,river,hotel
empty ; leer ; - ; container,bottle,cup,glass,wallet,house,fridge,restaurant
full ; voll ; - ; container,bottle,fridge,bus,train
quiet ; ruhig ; er ; room,village,flat,waterside,park,forest,library,hotel,beach
loud ; laut ; er ; music,voice,washing_machine,lorry,party,motorbike
dark ; dunkel dunkler dunkelst ; er ; forest,cellar,room,clothing,church
bright ; hell ; er ; room,lamp,office
warm ; warm wärmer wärmst ; er ; soup,coat,jacket,jumper,scarf,blanket,bed,room,milk,sea
cold ; kalt kälter kältest ; er ; drink,room,sea,lake,soup,rain,weather
hot ; heiß heißer heißest ; hotter/hottest ; soup,tea,coffee,oven,milk
fresh ; frisch ; er ; fruit,vegetable,bread,egg,roll,milk,meat,salad
delicious ; lecker ; more ; food,foodstuff
sweet ; süß ; er ; fruit,cake,honey,lemonade,wine,biscuit
sour ; sauer ; - ; apple,orange,juice,milk
ripe ; reif ; er ; fruit,tomato
healthy ; gesund gesünder gesündest ; healthier/healthiest ; salad,fruit,vegetable,soup
good ; gut besser best ; better/best ; idea,answer,plan,restaurant,wine,text,teacher,doctor,course,hotel,tool
bad ; schlecht ; worse/worst ; weather,plan,dream,restaurant,film
important ; wichtig ; more ; question,answer,decision,rule,task,problem,word,paper,text,appointment,letter,event
difficult ; schwierig ; more ; problem,question,task,decision,exam,language,word,sentence,conversation
simple ; einfach ; er ; exercise,task,question,recipe,plan,rule,word
interesting ; interessant ; more ; readable,show,museum,course,job,conversation,question,idea,city
boring ; langweilig ; more ; readable,show,course,lesson,meeting,job
exciting ; spannend ; more ; novel,story,film,match,race,report,journey
funny ; lustig ; funnier/funniest ; joke,story,film,play,poem,monkey,hat,postcard
sad ; traurig ; sadder/saddest ; story,song,film,poem,child,dream,letter
long ; lang länger längst ; er ; text,journey,meeting,table,ladder,river,bridge,coat,skirt,scarf,conversation,report
short ; kurz kürzer kürzest ; er ; text,skirt,journey,conversation,meeting,answer
high ; hoch höher höchst ; er ; mountain,wall,fence,price,bridge
deep ; tief ; er ; lake,river,sea,valley,snow
wide ; breit ; er ; river,bed,gate,door,bridge,valley
round ; rund ; - ; table,mirror,carpet,window,pillow
wooden ; hölzern ; - ; table,bench,box,bridge,gate,toy,door,ladder
red ; rot ; - ; clothing,road,rose,apple,tomato,door,ball,lamp,towel,blanket,bag,suitcase
blue ; blau ; - ; clothing,road,flower,vase,ball,cup,bag,boat,towel,suitcase,bus
green ; grün ; - ; clothing,road,apple,bottle,door,fence,bucket,valley,chair
yellow ; gelb ; - ; clothing,road,flower,pear,tram,cup,pillow,bucket
black ; schwarz ; - ; clothing,road,cat,dog,horse,lamb,umbrella,suitcase,sofa,bird
white ; weiß ; - ; clothing,road,cat,horse,rabbit,rose,wall,plate,duck,goat,ship
brown ; braun ; - ; horse,bear,cow,dog,bag,sofa,shoe,boot,coat,chicken
grey ; grau ; - ; donkey,elephant,cat,suit,coat,sofa,carpet,rabbit,hat
useful ; nützlich ; more ; tool,map,present,course,rule,device,book
strange ; seltsam ; er ; dream,noise,message,idea,voice,question,guest,man,story
secret ; geheim ; - ; plan,letter,message,drawer,report
wrong ; falsch ; - ; answer,address,key,word,train,bill,bus
correct ; richtig ; - ; answer,address,sentence,decision
comfortable ; bequem ; more ; chair,armchair,sofa,bed,shoe,boot
thick ; dick ; er ; book,novel,coat,jumper,wall,blanket,scarf
thin ; dünn ; thinner/thinnest ; book,jacket,blanket,wall
sharp ; scharf schärfer schärfst ; er ; knife,saw
strong ; stark stärker stärkst ; er ; coffee,horse,rain,bear,elephant
wild ; wild ; er ; wild,river
dangerous ; gefährlich ; more ; wild,journey,mountain,race,bridge,dog
lonely ; einsam ; lonelier/loneliest ; farm,island,beach,man,valley
elegant ; elegant ; more ; suit,dress,hotel,restaurant,hat,actress,shoe
"""
