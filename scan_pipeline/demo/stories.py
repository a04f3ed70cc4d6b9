"""Invented stories about a service that does not exist. No real person's words are among them.

Every story is ours. Names in them are invented, and there so that taking names out can be shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the service wrote back; the demo's coordinator types it."""

    text: str
    responder: str
    role: str
    change: Literal["none", "planned", "made", "cannot"] = "none"
    change_text: str = ""
    due_in_months: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoStory:
    """One leaflet's worth of answers, by the field names of the story leaflet."""

    story_title: str
    story: str
    good: str = ""
    improve: str = ""
    feelings: tuple[str, ...] = ()
    feelings_other: str = ""
    rating: str | None = None
    author_role: str | None = None
    service_area: tuple[str, ...] = ()
    visit_when: str | None = None
    handle: str = ""
    consent_display: bool = False
    helped_by: bool = False
    answer: Answer | None = None
    taken_out: tuple[tuple[str, str], ...] = ()
    """What the demo's coordinator takes out for the wall, and what stands there instead."""

    @property
    def texts(self) -> dict[str, str]:
        """Everything handwritten, by field name."""
        return {
            "story_title": self.story_title,
            "story": self.story,
            "good": self.good,
            "improve": self.improve,
            "feelings_other": self.feelings_other,
            "handle": self.handle,
        }

    @property
    def ticks(self) -> dict[str, tuple[str, ...]]:
        """Options chosen, by field name; a lone tick box has the option ""."""
        return {
            "feelings": self.feelings,
            "rating": (self.rating,) if self.rating else (),
            "author_role": (self.author_role,) if self.author_role else (),
            "service_area": self.service_area,
            "visit_when": (self.visit_when,) if self.visit_when else (),
            "consent_display": ("",) if self.consent_display else (),
            "helped_by": ("",) if self.helped_by else (),
        }


WORRYING = DemoStory(
    story_title="Nights at my flat",
    story="There is a man who comes to my flat late and brings people with him. I let them in "
    "because I am afraid of what he does if I do not. I sleep in the bath with the door shut. I "
    "have not told my worker. I come here because it is the only quiet place.",
    good="It is warm and nobody follows me in.",
    feelings=("safe", "worried"),
    rating="good",
    author_role="service_user",
    service_area=("front_desk",),
    visit_when="this_month",
    handle="Tin Whistle",
    consent_display=True,
)
"""A story that must not wait: the demo's volunteer says that it worries them, and it is held."""

STORIES: tuple[DemoStory, ...] = (
    DemoStory(
        story_title="A cup of tea in the rain",
        story="I came in soaked through and late for my appointment. I thought I would be sent "
        "away. The lady on the front desk found me a towel and made a cup of tea, and my worker "
        "saw me anyway. It is a small thing but I nearly did not come back that day, and I am "
        "glad that I did.",
        good="Kindness at the front desk. Nobody made me feel small.",
        improve="A hook to hang wet coats on.",
        feelings=("welcomed", "respected", "safe"),
        rating="very_good",
        author_role="service_user",
        service_area=("front_desk", "worker"),
        visit_when="this_month",
        handle="Copper Kettle",
        consent_display=True,
        answer=Answer(
            text="Thank you for coming in that day, and for telling us. I have read your story "
            "out at our team meeting, and the front desk were very pleased. You are right about "
            "the coats.",
            responder="Anita",
            role="Service manager",
            change="made",
            change_text="There is now a row of six coat hooks by the front door.",
        ),
    ),
    DemoStory(
        story_title="Waiting for my script",
        story="I waited fifty minutes for my prescription and nobody told me why. Carol on the "
        "desk only shrugged. I had to ring work and say I would be late again. I do not mind "
        "waiting if somebody says what is going on. I felt like a number.",
        taken_out=(("Carol on the desk", "[the worker on the desk]"),),
        good="The doctor did say sorry in the end.",
        improve="Tell people how long it will be.",
        feelings=("ignored", "frustrated"),
        rating="poor",
        author_role="service_user",
        service_area=("clinical",),
        visit_when="this_month",
        handle="Silver Bus",
        consent_display=True,
        answer=Answer(
            text="I am sorry that you waited fifty minutes with no word from us, and that it made "
            "you late for work. Two prescribers were away and we did not say so. We should have.",
            responder="Paul",
            role="Clinical lead",
            change="planned",
            change_text="The front desk will write the waiting time on a white board every hour.",
            due_in_months=1,
        ),
    ),
    DemoStory(
        story_title="The Thursday group",
        story="I was scared to speak in the group and for three weeks I just listened. Nobody "
        "pushed me. Last Thursday I talked about my dad and everybody was quiet in a good way. "
        "Afterwards a man I do not know shook my hand. I walked home the long way because I felt "
        "so light.",
        good="You can take your time.",
        improve="Softer chairs please!",
        feelings=("listened_to", "supported", "hopeful"),
        feelings_other="proud",
        rating="very_good",
        author_role="service_user",
        service_area=("groups",),
        visit_when="last_few_months",
        handle="Paper Boat",
        consent_display=True,
        answer=Answer(
            text="Thank you for trusting the group with your story, and for writing it down. "
            "Taking your time is exactly what it is for. I am asking about the chairs.",
            responder="Miriam",
            role="Group worker",
            change="cannot",
            change_text="We cannot buy new chairs this year. We have put cushions out instead.",
        ),
    ),
    DemoStory(
        story_title="My son's first appointment",
        story="I brought my son because he would not come alone. They spoke to him and not over "
        "his head to me, which was right, but then I sat in the corridor for an hour with nothing "
        "to read and nobody to ask. Families need somebody too.",
        good="They treated him like a grown up.",
        improve="A leaflet or a chat for the family.",
        feelings=("worried", "hopeful"),
        rating="good",
        author_role="relative",
        service_area=("worker", "family_support"),
        visit_when="this_month",
        handle="Garden Gate",
        consent_display=True,
        answer=Answer(
            text="Thank you for bringing your son, and for staying. You are right that families "
            "need somebody too. Our family worker would like to meet you whenever it suits you.",
            responder="Jo",
            role="Family support worker",
            change="planned",
            change_text="A family worker will be in the waiting room on Monday mornings.",
            due_in_months=2,
        ),
    ),
    DemoStory(
        story_title="Changed worker again",
        story="This is my third worker since spring. Each time I have to tell my whole story from "
        "the start and it takes me days to get over it. I like the new one but please write "
        "things down and read them before you meet me.",
        improve="Read my notes first. Tell me before you leave.",
        feelings=("let_down", "frustrated"),
        rating="poor",
        author_role="service_user",
        service_area=("worker",),
        visit_when="last_few_months",
        handle="Third Bell",
        consent_display=True,
    ),
    DemoStory(
        story_title="Chemist was kind",
        story="The chemist on the corner always says good morning and uses my name. She asked if "
        "I wanted to go in the side room and not stand in the queue. I have been coming for years "
        "and that was the first time anybody asked.",
        good="Being asked.",
        feelings=("respected", "welcomed"),
        rating="very_good",
        author_role="service_user",
        service_area=("chemist",),
        visit_when="longer_ago",
        handle="Corner Lamp",
        consent_display=True,
    ),
    DemoStory(
        story_title="Opening hours",
        story="I work nights and you shut at five. I can only come if I do not sleep. One late "
        "evening a week would make all the difference to people like me who are trying to hold on "
        "to a job.",
        improve="One late evening a week.",
        feelings=("frustrated",),
        rating="neither",
        author_role="service_user",
        service_area=("front_desk", "other"),
        visit_when="this_month",
        handle="Night Shift",
        consent_display=True,
        answer=Answer(
            text="Thank you for telling us. You are the fourth person to ask for this and I agree "
            "with you. Nobody should have to choose between sleep, a job and seeing us.",
            responder="Anita",
            role="Service manager",
            change="planned",
            change_text="We will open until eight on Wednesdays.",
            due_in_months=3,
        ),
    ),
    DemoStory(
        story_title="Thank you Gwen",
        story="Gwen at the needle exchange never rushes me. She noticed my arm was bad and got the "
        "nurse to look at it the same day. I would have left it. I think she saved me a trip to "
        "hospital.",
        good="Gwen and the nurse.",
        improve="More days open.",
        feelings=("safe", "supported", "listened_to"),
        rating="very_good",
        author_role="service_user",
        service_area=("needle_exchange", "clinical"),
        visit_when="this_month",
        handle="Blue Scarf",
    ),
    DemoStory(
        story_title="The noise in the waiting room",
        story="The telly is on so loud that you have to shout your name at the desk and everybody "
        "hears it. I pretended to be somebody else once. Please turn it down or give us a form to "
        "point at.",
        good="The toilets are nice now.",
        improve="Turn the telly off.",
        feelings=("judged", "confused"),
        rating="neither",
        author_role="service_user",
        service_area=("front_desk",),
        visit_when="last_few_months",
        handle="Quiet Corner",
        consent_display=True,
        answer=Answer(
            text="I am sorry. Nobody should have to shout their name across a room, and I had not "
            "noticed because I sit behind the glass. Thank you for saying it so plainly.",
            responder="Dilys",
            role="Front desk",
            change="made",
            change_text="The television is off. There is a card at the desk that you can point at.",
        ),
    ),
    DemoStory(
        story_title="Written for my neighbour",
        story="My neighbour cannot write much so I am putting this down for him. He says the "
        "garden project gave him a reason to get up. He grew leeks. He gave me two of them. He "
        "wants you to know that it should not stop in winter.",
        good="The garden and the people in it.",
        improve="Something to do in winter.",
        feelings=("hopeful", "supported"),
        feelings_other="useful",
        rating="good",
        author_role="advocate_or_volunteer",
        service_area=("groups",),
        visit_when="last_few_months",
        handle="Two Leeks",
        consent_display=True,
        helped_by=True,
    ),
    DemoStory(
        story_title="Not sure it is for me",
        story="I have been twice and I am not sure. People are friendly but I do not understand "
        "the plan you gave me, it is all letters and boxes. Could somebody go through it with me "
        "slowly?",
        improve="Plain words.",
        feelings=("confused", "welcomed"),
        rating="dont_know",
        author_role="service_user",
        service_area=("worker",),
        visit_when="this_month",
        handle="Brown Teapot",
    ),
    DemoStory(
        story_title="One year",
        story="It is a year today. I have got my own front door key and a cat called Biscuit. My "
        "sister answers the phone to me again. I still come on Tuesdays because I want the new "
        "ones to see that it can be done.",
        taken_out=(("a cat called Biscuit", "a cat called [name]"),),
        good="You never gave up on me.",
        feelings=("hopeful", "respected", "safe", "supported"),
        feelings_other="grateful",
        rating="very_good",
        author_role="service_user",
        service_area=("groups", "worker"),
        visit_when="longer_ago",
        handle="Door Key",
        consent_display=True,
        answer=Answer(
            text="Congratulations from all of us, to you and to the cat. New people do notice you "
            "on Tuesdays: two of them have told me so. Thank you for coming back for them.",
            responder="Miriam",
            role="Group worker",
        ),
    ),
)
