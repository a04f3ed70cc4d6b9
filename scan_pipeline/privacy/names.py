"""First names and surnames often met in Britain, and words that look like names but are not.

Written down by hand from general knowledge, with the British and Irish first names of Faker (MIT,
copyright 2012 Daniele Faraglia). A list like this is never complete, which is why an unknown word
with a capital counts as a possible name too, and why a person reads every word.
"""

from __future__ import annotations

from scan_pipeline.privacy.words import listed

FIRST_NAMES = listed("""
aaron abbi abbie abby abdi abdul abdullah abi abigail abu ada adam ade adele adrian aedan agnes
agnieszka ahmad ahmed aidan aideen aiden aileen ailis aimee aine aisha aishah aisling aislinn alan
alanis alanna alannah alastair albert alec aled alejandro aleksander alex alexander alexandra alexis
alfie alfred ali alice alicia alina alisha alison alistair alister alix allan allison alma alyssa
amanda amara amelia amina amir amira amit amrit amy ana anastasia andre andrea andreea andrei andrew
andrzej andy angela angelina angie angus anil anisa anita anjali ann anna annabel annalise anne
annette annie anthea anthony antoin antoni antonio anwar anya aodhan aoibheann aoibhin aoibhinn
aoife archie arianne arjun arlene arthur arun asha ashleigh ashlene ashley ashling ashraf asif
aubrey audrey ava ayaan ayesha azra babs barbara barney barry bartosz baz beatrice becca becky
belinda ben benjamin benn bernadette bernard bernie bert bertie beryl bessie beth bethan bethany
betty bev beverley bianca bilal billie billy blanaid bobbie bobby bogdan bradley brandon breandan
brenda brendan brenna bri brian bridget brigid bronach bronagh bronwen bruce bryan bryn bryony cahal
cahir cailin cailum caitlin caitlyn caitriona callan callum calum calvin cameron camilla candice
caoilfhionn caoimhe caoimhin caolain caolan caomhan cara caragh carla carlos carly carmen caroline
carolyn carrie carys cassandra cassie catalina cathal catherine cathy catrin catriona caz ceara
cecilia cedric celine ceri chandra chantel chantelle charis charlene charles charley charlie
charlotte chaz chelle chelsea chelsey cherith cheryl chidi chloe chris chrissie christina christine
christopher christy cian cianan ciara ciaran ciarrai cillian claire clara clare clarence claudia
clifford cliodhna cliona clive clodagh codie cody colette colin colleen collette colm conal conall
conchur connie connor conor corey corinne cormac cortney courteney craig cristian cristina curtis
cynthia dafydd daire dairine damian damien damon dan dana daniel daniela danielle danni danny daphne
dara daria darius darragh darren daryl dave david davina dawid dayna daz dazza deaglan deano
dearbhail dearbhaile dearbhla deb debbie deborah declan deepak deirbhile deirdre delia delroy demi
denis denise dennis derek dervla desmond dexter diana diane dianne diarmuid diego dilys dimitri
dinah dinesh dion dolores domhnall dominic dominika donald donna doreen doris dorothy doug dougie
douglas dunc duncan dylan eadaoin eamon eamonn eddie edel edith edmund edna eduardo edward edwin
eileen eilidh eilis eilish eimear eimer eimhear elaine eleanor elena eleri eli elias elijah elin
elisabeth elise eliza elizabeth ella ellen ellie elliot elliott elsa elsie elwyn emer emilia emily
emma emmanuel emyr enda enid enrico enya eoghan eoin eric erica erika erin ernest eryn esme esther
ethan ethel euan eugene eunan eunice eva evan evelyn evie ewa ewan fainche faisal farah farhan farid
fatima fatimah fatou feargal fearghal felicity felix fergal fergus fernando finbar finlay finn
fintan fiona fionntan fionnuala fitz fran frances francesca francis frankie fraser fred freda
freddie frederick freya gabriel gabriela gabrielle gail gareth garry gary gav gavin gayle gaynor
gazza gemma geoff geoffrey george georgie georgina gerald geraldine gerard gerry gez ghulam gibbo
giles gillian gina giovanni giulia gladys glenda glenn gloria glyn glynis gordon graeme graham
grainne greg gregory greta gurpreet gus gwen gwyn gwyneth habib hadiya hafsa hakim haleema hamish
hamza hana hanif hanna hannah harold haroon harpreet harriet harrison harry harvey hasan hassan
hattie hayden hayleigh hayley heather hector heidi helen helena henry hev hilary hilda hodgy howard
hugh hugo humza hussain hussein iain ian ibrahim idris ieuan ifan imogen imran ines inga ingrid ioan
ioana iqbal irene irina isaac isabel isabella isabelle isaiah isha isla ismail isobel ivan ivana
jackie jackson jacob jacqueline jacqui jacs jade jaden jagdeep jai jake jakub jamal james jamie
jamila jamo jana jane janet janette janice janine jaq jared jarlath jase jasmin jasmine jason jasper
jaswinder javed javier jayde jayden jayne jaz jean jeanette jeff jeffrey jemma jen jenni jennie
jennifer jenny jeremy jermaine jerome jerry jess jesse jessica jessie jez jill jim jimmy jo joan
joanna joanne jocelyn jodie joe joel joey johanna john johnny jon jonah jonathan jonno jonny jordon
jorge jose joseph josephine josh joshua josie joyce juan juanita judith judy julia julian juliana
julie juliet justin justyna kacper kai kaitlyn kamal kamil kamila karen karim karl karley karol
karolina kasia katarzyna kate katherine kathleen kathryn kathy katie katrina katy kayleigh kaz
kealan keelan keeley keely keeva keith kel kelly kelsey kelvin kelz ken kenneth kenny kenzie kerrie
kerry kev kevin kez kezza khadija khalid khan kiera kieran killian kim kimberley kira kirsten
kirstie kirstin kirsty kori krishna kristian kristina krystyna krzysztof kuba kulwinder kwame kyle
kylie kyra laila lakshmi laoise lara larry latoya laura lauren lawrence leah leanne leila len lena
lenny leo leon leona leonard leonie leroy lesley leslie lewis lez liam libby lilian lilly linda
lindsay lindsey lisa liz liza lizzie llinos lloyd logan lois lola lorcan lorna lorraine lottie lou
louie louis louisa louise loz lozza luca lucas lucia lucinda lucy luis lukas lukasz luke luna lydia
lyn lynda lyndsay lyndsey lynette lynn lynne lynsey mabel macauley macca maciej maddie maddison
madeleine madison maeve magda magdalena maggie mahmood mahmoud maia mair mairead mairtin maisie
malachi malachy malcolm malik mandy manjit manuel manus marc marcel marcia marcin marco marcus marek
margaret marge margery maria mariam marian marianne marie marilyn mario marion marisa marjorie
marlene marlon marta martha martin martina martyn mary maryam mateusz mathew matilda matt matthew
matty maud maureen maurice mavis maxine maya maz meabh meaghan meera megan mehmet meibh mel melanie
melissa mels melvin meredith mervyn mia micah michael michaela michal micheala michelle miguel mihai
mike mikey mikolaj mila mildred millie milly miranda miriam mohamed mohammad mohammed moira molly
monica monika morag morgan morris moses muhammad muna murray mustafa myfanwy myra nadia nadine nancy
naoimh naoise naomh naomi nasir nasreen natalia natalie natasha nathan nathaniel nats naveed nazia
neil nell nellie nerys nesta neville ngozi nia niall niamh nichola nicholas nicky nicola nicolae
nicole nige nigel nikita nikki nikola nila nina noah noel noor nora noreen norm norma norman noura
nuala odhran olga oliver olivia oliwia ollie olly oluwaseun omar oonagh orfhlaith orla orlagh
orlaigh orlaith oscar osman owain owen ozzy padraic padraig padraigin paige pam pamela parveen
pascal patrice patricia patrick patryk patti paul paula pauline pauric pavel pawel peadar pearce
pearse pedro peggy penelope percy perry pete peter petra phil philip philippa phillip phoebe phyllis
piaras pierre piotr polly pradeep priscilla priti priya przemyslaw rabia rachael rachel radu rafal
rahim rahul raj rajesh ralph ramona randeep rania raphael raquel rashid raul ravi raymond rebecca
reece reg regan reggie reginald rehana reuben rhian rhianna rhianne rhiannon rhys rian richard
richie rick ricky rik rita ritchie riya robbie robbo robert roberta roberto rochelle roderick rodney
roger rohan roise roisin roland romeo ron ronald ronan ronnie rory ros rosa rosalind rosanna
roseanna roseanne rosie ross rowena roxanne roy ruairi ruari ruben rupert russ russell ruth ryan
sabina sabrina sacha sadia safa saira sajid sakina saleem salim sally salma sam samantha sami samina
samir samira sammy samson samuel sana sandeep sandra sanj sanjay santiago saoirse sara sarah sasha
saskia scott seamus sean seana seanan seaneen seanna sebastian selina selma selwyn seona sergio seth
shabana shabnam shah shahid shakira shane shania shanice shannan shannen shannon sharon shaun shauna
shauneen shawn shaz shazza sheena sheila shelley sheryl shireen shirley shona sian sid sidney simon
simone sinead siobhan siofra siti siân sofia sonia sonja sophia sophie sorcha spencer stacey stan
stanislaw stanley stefan stella steph stephanie stephen steve steven stevie stewart stu stuart sunil
sunita susan susanna susie suzanne suze suzy svetlana sylvester sylvia szymon tabitha tahir tamara
tamsin tania tanya tara tariq tash tasha tayyab taz teddy terence teresa terry tess tessa tez thea
thelma theo theodore theresa thomas tiarna tiarnan tiegan tiernan tiffany tilly tim timothy tina
toby todd tom tomas tomasz tommo tommy toni tonicha tony toz tracey tracie tracy trev trevor tricia
trish tristan trudy tyler tyrone umar ursula usman vanessa vasile vera vernon veronica vicki vicky
victoria vijay vik vikki vikram viktor vin vincent vinnie viv vivian vivien vivienne vladimir waleed
wallace walter wanda warren wayne wendy wes wesley wiktoria wilfred william willie wilma winifred
winston wojciech xavier yasin yasmin yasmine yaz yolanda younis yousef youssef yusuf yvette yvonne
zac zach zachary zack zahra zain zainab zak zara zeeshan zelda zoe zofia zsofia zuzanna
""")
"""Names that are hardly ever anything else: they count however they are written."""

NAMES_AND_WORDS = listed("""
alana alexandria ally amber amie angel antoinette anton antony aria arran arron art ash ashton
aurora autumn basil beau belle bill blaine blake blessing bob brad brett brittany brogan brook
brooke brooklyn bud buddy caleb carl carmel carol carole casey chance charity chase cherie christian
christie chuck cindy clarissa clark clement cliff col colt conan conrad constance cora coral corrie
cory courtney cruz crystal daisy dale darcy darrell darryl dawn dean deane debra debs dee del den
dermot des destiny dev dex di dillon dionne dom don donal drew ebony ed eden elder elisha eloise
ember emilie emmet emmett eve faith faye fern flo flora florence forest frank frazer gale garrett
gaz gene georgia ger ginger glen grace grant guy haley harley harmony hazel heath heaven henna
hollie holly honey hope hunter ida iona iris ivory ivy jack jaime jan jax jay jena jenna jet jewel
jody johnathan jolene jonathon jordan joy jude jules jun justice justine kaitlin kane kara karla kat
katelyn katharine kay kellie keri kerri kimberly kirby kirk kit kris kristin kristopher kurt kurtis
lana lance lane lark laurie lee leigh les lily love lyndon mack mags major mark marsh marty mason
maura max meg meghan melody mercy merry micheal mick miles mitchel mo moe mollie mona myles myrtle
nan nat natty nev nichole nick oisin olive opal oran paddy pansy pat patience patsy patty paw pearl
peg penny pierce piper poppy precious queen rachelle rain ray raz rebekah red reed rex ria rich rob
robin robyn rod roman rose rosemary rowan ruby ruddy rudy rusty sage sandy saul savannah scarlet
serena shanna shay shea shelby sheree sim skip sky skye sol sonny star ste sterling storm sue summer
sunny sunshine susannah tam tammy ted tel temperance terri therese tia tobias tori tory travis
trinity troy ty una valerie verity victor vince viola violet wade ward whitney will willow willy
woody wren zed
""")
"""Names that are words as well: they count with a capital, or after a cue."""

WORDS_FIRST = listed("""
angel art autumn belle blessing brook buddy chance charity chase christian coral crystal destiny
elder ember faith flora forest gale ginger grant guy harmony heaven henna honey hope hunter ivory
jet jewel joy jun justice kit lane love major marsh max melody mercy merry miles olive opal patience
pearl precious queen rain red rich ruddy rusty sage sim skip sky sol star sterling storm summer
sunny sunshine tel temperance trinity ward will woody zed
""")
"""Of those, the ones that begin a sentence as a word more often than as a name."""

MONTH_NAMES = listed("april august june may")
"""Months that people are called by: they count only where somebody is or does something."""

SURNAMES = listed("""
adams akhtar allen anderson armstrong bailey barnes begum bennett booth bradley brookes campbell
carr carter chapman choudhury clarke collins cooper crossley davies davis davison dawson dixon
edwards ellis evans fletcher foster gallagher gibson gill graham griffiths hancock hargreaves harris
harrison hewitt holmes howarth hudson hughes hussain hutchinson jackson jenkins johnson jones
kaczmarek kaur kennedy khan kowalska kowalski lawson lewandowski lloyd macdonald marsden marshall
matthews mccarthy mcdonald mckenzie mitchell morris murphy nowak obrien o'brien o'connor o'neill
okafor palmer parker patel pearson phillips popa popescu powell reynolds richards richardson roberts
robertson robinson rogers scott shaw simpson singh smith stevens stewart stevenson sutcliffe taylor
thompson thomson turner walker walsh watkins watson webb whittaker wilkinson williams williamson
wilson wright
""")
"""Surnames: they count with a capital inside a sentence."""

NOT_NAMES = listed("""
a&e aa acamprosate aldi ambien amitriptyline antabuse april arabic asda august british
buprenorphine buvidal campral camral cbt christmas clonidine codeine covid covid-19 cqc dbt ddu
december detox diazepam diconal diwali dr dwp easter eid emdr english espranor facebook farsi
february fentanyl fft fri friday gabapentin ghb google gp hanukkah hep hepatitis hiv hmp i'd i'll
i'm i've iapt im irish ive january jobcentre july june ket ketamine key-worker keyworker keyworkers
kurdish librium lidl lofexidine lyrica madam march may mdma methadone methadose mind mirtazapine
miss mon monday mr mrs ms mx na naloxone naltrexone narcan netflix nhs nitazene nitazenes november
nyxoid october ok okay oxycodone pabrinex panjabi physeptone pip polish pregabalin prenoxad ptsd
punjabi ramadan rehab romanian samaritans sat saturday scottish september sertraline shout sir
smart sublocade suboxone subutex sun sunday support-worker teams telly tesco thu thur thurs
thursday tiktok tramadol tue tues tuesday turning tv uc uk ukrainian urdu valium vivitrol wed
wednesday welsh whatsapp wi-fi wifi xanax youtube zoom zopiclone zubsolv
""")
"""Words with a capital that name nobody: treatment, days, languages, public bodies."""
