"""First names and surnames often met in Britain, and words that look like names but are not.

Written down by hand from general knowledge; a list like this is never complete, which is why an
unknown word with a capital counts as a possible name too.
"""

from __future__ import annotations

from scan_pipeline.privacy.words import listed

FIRST_NAMES = listed("""
aaron abby abdi abdul abdullah abi abigail abu ada adam adele adrian agnes agnieszka ahmad ahmed
aidan aileen aimee aisha aishah aisling alan alastair albert alec aled alejandro aleksander alex
alexander alexandra alexis alfie alfred ali alice alicia alina alisha alison alistair allan allison
alma alyssa amanda amara amelia amina amir amira amit amrit amy ana anastasia andre andrea andreea
andrei andrew andrzej andy angela angelina angie angus anil anisa anita anjali ann anna annabel
anne annette annie anthea anthony antoni antonio anwar anya archie arjun arlene arthur arun asha
ashley ashraf asif aubrey audrey ava ayaan ayesha azra babs barbara barney barry bartosz beatrice
becca becky belinda ben benjamin bernadette bernard bernie bert bertie beryl bessie beth bethan
bethany betty beverley bianca bilal billie billy bobbie bobby bogdan bradley brandon brenda brendan
brenna brian bridget brigid bronwen bruce bryan bryn bryony caitlin callum calvin cameron camilla
candice cara carla carlos carly carmen caroline carolyn carrie carys cassandra cassie catalina
catherine cathy catrin cecilia cedric ceri chandra chantelle charlene charles charley charlie
charlotte chelsea cheryl chidi chloe chris chrissie christina christine christopher cian ciara
claire clara clare clarence claudia clifford clive cody colette colin colleen connie connor conor
corey corinne craig cristian cristina curtis cynthia dafydd damian damien damon dan dana daniel
daniela danielle danni danny daphne daria darius darren daryl dave david davina dawid deb debbie
deborah deepak deirdre delia delroy demi denis denise dennis derek desmond dexter diana diane
dianne diego dilys dimitri dinah dinesh dion dolores dominic dominika donald donna doreen doris
dorothy doug dougie douglas duncan dylan eamon eddie edith edmund edna eduardo edward edwin eileen
eilidh elaine eleanor elena eleri eli elias elijah elin elisabeth elise eliza elizabeth ella ellen
ellie elliot elliott elsa elsie elwyn emilia emily emma emmanuel emyr enid enrico eric erica erika
erin ernest esme esther ethan ethel eugene eunice eva evan evelyn ewa ewan faisal farah farhan
farid fatima fatimah fatou felicity felix fergus fernando finlay finn fiona fran frances francesca
francis frankie fraser fred freda freddie frederick freya gabriel gabriela gabrielle gail gareth
garry gary gavin gayle gaynor gemma geoff geoffrey george georgie georgina gerald geraldine gerard
gerry ghulam giles gillian gina giovanni giulia gladys glenda glenn gloria glyn glynis gordon
graeme graham greg gregory greta gurpreet gus gwen gwyn gwyneth habib hadiya hafsa hakim haleema
hamza hana hanif hanna hannah harold haroon harpreet harriet harrison harry harvey hasan hassan
hattie hayden hayley heather hector heidi helen helena henry hilary hilda howard hugh hugo humza
hussain hussein iain ian ibrahim idris ieuan ifan imogen imran ines inga ingrid ioan ioana iqbal
irene irina isaac isabel isabella isabelle isaiah isha isla ismail isobel ivan ivana jackie jackson
jacob jacqueline jacqui jade jaden jagdeep jai jake jakub jamal james jamie jamila jana jane janet
janette janice janine jared jasmin jasmine jason jasper jaswinder javed javier jayden jayne jean
jeanette jeff jeffrey jemma jennie jennifer jenny jeremy jermaine jerome jerry jess jesse jessica
jessie jill jim jimmy jo joan joanna joanne jocelyn jodie joe joel joey johanna john johnny jon
jonah jonathan jonny jorge jose joseph josephine josh joshua josie joyce juan juanita judith judy
julia julian juliana julie juliet justin justyna kacper kai kamal kamil kamila karen karim karl
karol karolina kasia katarzyna kate katherine kathleen kathryn kathy katie katrina katy kayleigh
keeley keith kelly kelsey kelvin ken kenneth kenny kenzie kerry kevin khadija khalid khan kieran
kim kimberley kirsten kirsty krishna kristina krystyna krzysztof kuba kulwinder kwame kyle kylie
kyra laila lakshmi lara larry latoya laura lauren lawrence leah leanne leila len lena lenny leo
leon leona leonard leroy lesley leslie lewis liam libby lilian lilly linda lindsay lindsey lisa liz
liza lizzie llinos lloyd logan lois lola lorna lorraine lottie lou louie louis louisa louise luca
lucas lucia lucinda lucy luis lukas lukasz luke luna lydia lyn lynda lynette lynn lynne mabel
maciej maddie maddison madeleine madison magda magdalena maggie mahmood mahmoud maia mair maisie
malachi malcolm malik mandy manjit manuel marc marcel marcia marcin marco marcus marek margaret
marge margery maria mariam marian marianne marie marilyn mario marion marisa marjorie marlene
marlon marta martha martin martina martyn mary maryam mateusz mathew matilda matt matthew maud
maureen maurice mavis maxine maya meera megan mehmet mel melanie melissa melvin meredith mervyn mia
micah michael michal michelle miguel mihai mike mikey mikolaj mila mildred millie milly miranda
miriam mohamed mohammad mohammed moira molly monica monika morag morgan morris moses muhammad muna
murray mustafa myfanwy myra nadia nadine nancy naomi nasir nasreen natalia natalie natasha nathan
nathaniel naveed nazia neil nell nellie nerys nesta neville ngozi nia niall niamh nicholas nicky
nicola nicolae nicole nigel nikita nikki nikola nila nina noah noel noor nora noreen norm norma
norman noura olga oliver olivia oliwia ollie oluwaseun omar orla oscar osman owain owen paige pam
pamela parveen pascal patrice patricia patrick patryk patti paul paula pauline pavel pawel pedro
peggy penelope percy perry pete peter petra phil philip philippa phillip phoebe phyllis pierre
piotr pip polly pradeep priscilla priti priya przemyslaw rabia rachael rachel radu rafal rahim
rahul raj rajesh ralph ramona randeep rania raphael raquel rashid raul ravi raymond rebecca reece
reg reggie reginald rehana reuben rhian rhiannon rhys richard richie rick ricky rita riya robbie
robert roberta roberto rochelle roderick rodney roger rohan roland romeo ron ronald ronan ronnie
rory ros rosa rosalind rosanna roseanne rosie ross rowena roxanne roy ruben rupert russ russell
ruth ryan sabina sabrina sadia safa saira sajid sakina saleem salim sally salma sam samantha samina
samir samira sammy samson samuel sana sandeep sandra sanjay santiago sara sarah sasha saskia scott
sean sebastian selina selma selwyn sergio seth shabana shabnam shah shahid shakira shane shanice
shannon sharon shaun shauna shawn sheena sheila shelley sheryl shireen shirley shona sian sid
sidney simon simone sinead siobhan siti siân sofia sonia sonja sophia sophie spencer stacey stan
stanislaw stanley stefan stella steph stephanie stephen steve steven stevie stewart stu stuart
sunil sunita susan susanna susie suzanne suzy svetlana sylvester sylvia szymon tabitha tahir tamara
tamsin tania tanya tara tariq tasha tayyab teddy terence teresa terry tess tessa thea thelma theo
theodore theresa thomas tiffany tilly tim timothy tina toby todd tom tomas tomasz tommy toni tony
tracey tracie tracy trevor tricia trish tristan trudy tyler tyrone umar ursula usman vanessa vasile
vera vernon veronica vicki vicky victoria vijay vikki vikram viktor vincent viv vivian vivien
vivienne vladimir waleed wallace walter wanda warren wayne wendy wesley wiktoria wilfred william
willie wilma winifred winston wojciech xavier yasin yasmin yasmine yolanda younis yousef youssef
yusuf yvette yvonne zac zach zachary zahra zain zainab zak zara zeeshan zelda zoe zofia zsofia
zuzanna
""")
"""Names that are hardly ever anything else: they count however they are written."""

NAMES_AND_WORDS = listed("""
ally amber angel april aria art ash august aurora autumn basil beau belle bill blake blessing bob
brad brook brooke bud buddy carol chance charity chase christian chuck clement cliff colt constance
coral cruz crystal daisy dale dawn dean debs dee des destiny dev dex di don drew ebony ed eden
elder ember eve faith faye fern flo flora florence forest frank gale gene georgia ginger glen grace
grant guy harley harmony hazel heath heaven henna holly honey hope hunter ida iris ivory ivy jack
jan jay jet jewel jordan joy jun june justice kat kay kit lance lane lark lily love mack major mark
marsh mason max may melody mercy merry mick miles mo moe mona myrtle nan nick olive opal pansy pat
patience patsy patty paw pearl peg penny pierce piper poppy precious queen rain ray red reed rex
ria rich rob robin rod roman rose rosemary rowan ruby ruddy rudy rusty sage sandy savannah scarlet
serena skip sky skye sol sonny star sterling storm sue summer sunny sunshine ted temperance trinity
una verity viola violet wade ward will willow willy woody wren
""")
"""Names that are words as well: they count with a capital inside a sentence, or after a cue."""

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
