"""The nouns, one line an entry.

Columns: English singular (``/`` irregular plural, ``_`` for a space), German singular, gender with the genitive
ending (``m/s``, ``n/es``; ``m/+en`` is the weak declension: every case but the nominative singular takes the ending;
feminine nouns never change in the singular), German plural (``-``: a mass noun), then further semantic classes.
A line in brackets opens the main class of the entries below it.
"""

NOUNS = """
[person]
teacher Lehrer m/s Lehrer
doctor Arzt m/es Ärzte
nurse Krankenschwester f Krankenschwestern
neighbour Nachbar m/+n Nachbarn
student Student m/+en Studenten
pupil Schüler m/s Schüler
farmer Bauer m/+n Bauern
baker Bäcker m/s Bäcker
cook Koch m/s Köche
gardener Gärtner m/s Gärtner
policeman/policemen Polizist m/+en Polizisten
engineer Ingenieur m/s Ingenieure
journalist Journalist m/+en Journalisten
writer Schriftsteller m/s Schriftsteller
painter Maler m/s Maler
singer Sängerin f Sängerinnen
lawyer Anwältin f Anwältinnen
dentist Zahnarzt m/es Zahnärzte
scientist Wissenschaftlerin f Wissenschaftlerinnen
librarian Bibliothekarin f Bibliothekarinnen
photographer Fotografin f Fotografinnen
actress Schauspielerin f Schauspielerinnen
waitress Kellnerin f Kellnerinnen
man/men Mann m/es Männer
woman/women Frau f Frauen
boy Junge m/+n Jungen
girl Mädchen n/s Mädchen
child/children Kind n/es Kinder
guest Gast m/es Gäste
customer Kunde m/+n Kunden
boss Chef m/s Chefs
tourist Tourist m/+en Touristen
driver Fahrer m/s Fahrer
pilot Pilot m/+en Piloten
artist Künstler m/s Künstler
mechanic Mechaniker m/s Mechaniker
secretary/secretaries Sekretärin f Sekretärinnen
hairdresser Friseurin f Friseurinnen
mayor Bürgermeister m/s Bürgermeister
judge Richter m/s Richter
actor Schauspieler m/s Schauspieler
[kin]
father Vater m/s Väter
mother Mutter f Mütter
brother Bruder m/s Brüder
sister Schwester f Schwestern
uncle Onkel m/s Onkel
aunt Tante f Tanten
grandfather Großvater m/s Großväter
grandmother Großmutter f Großmütter
son Sohn m/es Söhne
daughter Tochter f Töchter
cousin Cousin m/s Cousins
friend Freund m/es Freunde
colleague Kollege m/+n Kollegen
[animal]
dog Hund m/es Hunde pet
cat Katze f Katzen pet
horse Pferd n/es Pferde
cow Kuh f Kühe
bird Vogel m/s Vögel pet
lamb Lamm n/es Lämmer
rabbit Kaninchen n/s Kaninchen pet
duck Ente f Enten
goat Ziege f Ziegen
monkey Affe m/+n Affen wild
elephant Elefant m/+en Elefanten wild
bear Bär m/+en Bären wild
lion Löwe m/+n Löwen wild
chicken Huhn n/es Hühner
donkey Esel m/s Esel
pig Schwein n/es Schweine
[food]
apple Apfel m/s Äpfel fruit
pear Birne f Birnen fruit
banana Banane f Bananen fruit
orange Orange f Orangen fruit
cake Kuchen m/s Kuchen baked
roll Brötchen n/s Brötchen baked
biscuit Keks m/es Kekse baked
pizza Pizza f Pizzas baked
egg Ei n/s Eier cooked
potato/potatoes Kartoffel f Kartoffeln cooked vegetable
tomato/tomatoes Tomate f Tomaten vegetable
carrot Karotte f Karotten vegetable cooked
onion Zwiebel f Zwiebeln vegetable
sausage Wurst f Würste
soup Suppe f Suppen cooked
salad Salat m/s Salate
[foodstuff]
bread Brot n/es - baked
cheese Käse m/s -
meat Fleisch n/es - cooked
rice Reis m/es - cooked
honey Honig m/s -
chocolate Schokolade f -
[drink]
water Wasser n/s -
milk Milch f -
coffee Kaffee m/s -
tea Tee m/s -
juice Saft m/es -
wine Wein m/es -
beer Bier n/es -
lemonade Limonade f -
[readable]
book Buch n/es Bücher volume text gift layable
letter Brief m/es Briefe text mail layable
newspaper Zeitung f Zeitungen layable
novel Roman m/s Romane volume text gift
magazine Zeitschrift f Zeitschriften volume layable
poem Gedicht n/es Gedichte text
article Artikel m/s Artikel text
message Nachricht f Nachrichten mail text
email E-Mail f E-Mails mail text
report Bericht m/es Berichte text
story/stories Geschichte f Geschichten text tale
contract Vertrag m/es Verträge paper
recipe Rezept n/es Rezepte
postcard Postkarte f Postkarten mail layable text
form Formular n/s Formulare paper
diary/diaries Tagebuch n/es Tagebücher
[show]
film Film m/es Filme
play Theaterstück n/s Theaterstücke
programme Sendung f Sendungen
exhibition Ausstellung f Ausstellungen
match/matches Spiel n/es Spiele
[clothing]
coat Mantel m/s Mäntel
shirt Hemd n/es Hemden
dress/dresses Kleid n/es Kleider
hat Hut m/es Hüte
jacket Jacke f Jacken
scarf/scarves Schal m/s Schals gift
skirt Rock m/es Röcke
jumper Pullover m/s Pullover gift
shoe Schuh m/s Schuhe paired
suit Anzug m/s Anzüge
blouse Bluse f Blusen
cap Mütze f Mützen
tie Krawatte f Krawatten gift
boot Stiefel m/s Stiefel paired
[vehicle]
car Auto n/s Autos road
bicycle Fahrrad n/es Fahrräder road gift
lorry/lorries Lastwagen m/s Lastwagen road
motorbike Motorrad n/es Motorräder road
boat Boot n/es Boote
tractor Traktor m/s Traktoren road
[transport]
bus/buses Bus m/ses Busse
train Zug m/es Züge
tram Straßenbahn f Straßenbahnen
taxi Taxi n/s Taxis
ship Schiff n/es Schiffe
plane Flugzeug n/s Flugzeuge
[device]
lamp Lampe f Lampen upright
computer Computer m/s Computer
television Fernseher m/s Fernseher
radio Radio n/s Radios upright
phone Telefon n/s Telefone
camera Kamera f Kameras gift
washing_machine Waschmaschine f Waschmaschinen
oven Ofen m/s Öfen
printer Drucker m/s Drucker
heater Heizung f Heizungen
clock Uhr f Uhren
alarm_clock Wecker m/s Wecker gift
fridge Kühlschrank m/s Kühlschränke
[furniture]
table Tisch m/es Tische surface
chair Stuhl m/s Stühle surface seat
bed Bett n/es Betten surface
cupboard Schrank m/s Schränke surface
shelf/shelves Regal n/s Regale surface
sofa Sofa n/s Sofas surface seat
desk Schreibtisch m/es Schreibtische surface
armchair Sessel m/s Sessel seat
bench Bank f Bänke surface seat
mirror Spiegel m/s Spiegel
carpet Teppich m/s Teppiche
[container]
bag Tasche f Taschen luggage
suitcase Koffer m/s Koffer luggage
backpack Rucksack m/s Rucksäcke luggage gift
box/boxes Kiste f Kisten openable
basket Korb m/es Körbe upright
parcel Paket n/s Pakete openable mail
drawer Schublade f Schubladen openable
bucket Eimer m/s Eimer upright
[dish]
cup Tasse f Tassen upright
glass/glasses Glas n/es Gläser upright
plate Teller m/s Teller
bottle Flasche f Flaschen upright openable
vase Vase f Vasen upright gift
bowl Schüssel f Schüsseln upright
pot Topf m/es Töpfe upright
[thing]
key Schlüssel m/s Schlüssel layable lost
umbrella Regenschirm m/s Regenschirme lost
wallet Geldbörse f Geldbörsen layable lost
map Landkarte f Landkarten layable
picture Bild n/es Bilder artwork gift layable
photo Foto n/s Fotos artwork layable
ring Ring m/es Ringe lost gift layable
present Geschenk n/s Geschenke layable
flower Blume f Blumen plant gift
candle Kerze f Kerzen upright gift
ball Ball m/es Bälle toy
doll Puppe f Puppen toy
ticket Fahrkarte f Fahrkarten lost layable
passport Pass m/es Pässe lost layable
stamp Briefmarke f Briefmarken collectible
coin Münze f Münzen collectible
blanket Decke f Decken layable
pillow Kissen n/s Kissen layable
towel Handtuch n/es Handtücher layable
pencil Bleistift m/s Bleistifte layable lost
[tool]
hammer Hammer m/s Hämmer
ladder Leiter f Leitern
knife/knives Messer n/s Messer layable
saw Säge f Sägen
brush Bürste f Bürsten
[plant]
rose Rose f Rosen gift
tree Baum m/es Bäume outdoor
[part]
door Tür f Türen openable paintable
window Fenster n/s Fenster openable
gate Tor n/es Tore openable paintable
fence Zaun m/es Zäune paintable outdoor
wall Wand f Wände paintable
[building]
house Haus n/es Häuser home estate
school Schule f Schulen
church Kirche f Kirchen sight
hotel Hotel n/s Hotels home estate
restaurant Restaurant n/s Restaurants
museum Museum n/s Museen sight
library/libraries Bibliothek f Bibliotheken
hospital Krankenhaus n/es Krankenhäuser
office Büro n/s Büros
shop Geschäft n/es Geschäfte
factory/factories Fabrik f Fabriken
theatre Theater n/s Theater sight
cinema Kino n/s Kinos
castle Schloss n/es Schlösser sight home estate
supermarket Supermarkt m/es Supermärkte
bakery/bakeries Bäckerei f Bäckereien
[room]
kitchen Küche f Küchen
bathroom Badezimmer n/s Badezimmer
living_room Wohnzimmer n/s Wohnzimmer
bedroom Schlafzimmer n/s Schlafzimmer
cellar Keller m/s Keller
garage Garage f Garagen
flat Wohnung f Wohnungen home estate
[area]
garden Garten m/s Gärten outside
park Park m/s Parks outside
forest Wald m/es Wälder outside
city/cities Stadt f Städte home
village Dorf n/es Dörfer home
valley Tal n/es Täler outside
[ground]
market Markt m/es Märkte
farm Bauernhof m/s Bauernhöfe home estate
[station]
station Bahnhof m/s Bahnhöfe
airport Flughafen m/s Flughäfen
harbour Hafen m/s Häfen
[shore]
beach/beaches Strand m/es Strände outside
coast Küste f Küsten outside
[waterside]
lake See m/s Seen outside
river Fluss m/es Flüsse outside
sea Meer n/es Meere outside
[open]
bridge Brücke f Brücken sight outside
island Insel f Inseln home outside
mountain Berg m/es Berge sight outside
[matter]
problem Problem n/s Probleme issue
question Frage f Fragen
answer Antwort f Antworten
mistake Fehler m/s Fehler issue
idea Idee f Ideen
plan Plan m/s Pläne
word Wort n/es Wörter
rule Regel f Regeln
exercise Übung f Übungen task
task Aufgabe f Aufgaben task
lesson Lektion f Lektionen
secret Geheimnis n/ses Geheimnisse tale
joke Witz m/es Witze tale
dream Traum m/es Träume
decision Entscheidung f Entscheidungen issue
price Preis m/es Preise issue
bill Rechnung f Rechnungen paper
address Adresse f Adressen
sentence Satz m/es Sätze
[sound]
song Lied n/es Lieder
voice Stimme f Stimmen
[event]
trip Reise f Reisen journey
excursion Ausflug m/s Ausflüge journey
party/parties Party f Partys festivity
wedding Hochzeit f Hochzeiten festivity
birthday Geburtstag m/s Geburtstage festivity
concert Konzert n/s Konzerte
meeting Besprechung f Besprechungen appointment
appointment Termin m/s Termine appointment
exam Prüfung f Prüfungen
course Kurs m/es Kurse
conversation Gespräch n/s Gespräche appointment
race Rennen n/s Rennen
competition Wettbewerb m/s Wettbewerbe
[subject]
music Musik f -
history Geschichte f -
art Kunst f -
sport Sport m/s -
[condition]
weather Wetter n/s -
rain Regen m/s -
snow Schnee m/s -
noise Lärm m/s - sound
[job]
job Stelle f Stellen
scholarship Stipendium n/s Stipendien
[instrument]
piano Klavier n/s Klaviere
guitar Gitarre f Gitarren
violin Geige f Geigen
flute Flöte f Flöten
trumpet Trompete f Trompeten
[game]
football Fußball m/s -
tennis Tennis n/- -
chess Schach n/s -
[language]
German Deutsch n/- -
English Englisch n/- -
French Französisch n/- -
Spanish Spanisch n/- -
Italian Italienisch n/- -
Russian Russisch n/- -
"""
