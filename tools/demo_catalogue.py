"""What the invented company Baan Ops sells, to whom, and under which names. Prices are in cents."""

from __future__ import annotations

from dataclasses import dataclass

CURRENCIES = ("USD", "EUR")
TIERS = ("starter", "team", "business", "enterprise")
NO_LIMIT = 10**6


@dataclass(frozen=True)
class Plan:
    """One price: `unit` cents a unit and interval, or by `steps` of (last unit or None, cents a unit)."""

    plan_id: str
    product: str
    tier: int
    currency: str
    interval: str
    unit: int
    mode: str = ""
    steps: tuple[tuple[int | None, int], ...] = ()
    seats: int = NO_LIMIT
    storage_gb: int = 0

    def list_cents(self, quantity: int) -> int:
        """List amount in cents for the whole quantity over one interval."""
        if not self.steps:
            return self.unit * quantity
        if self.mode == "volume":
            return quantity * next(cents for last, cents in self.steps if last is None or quantity <= last)
        total, before = 0, 0
        for last, cents in self.steps:
            upper = quantity if last is None else min(last, quantity)
            total, before = total + max(upper - before, 0) * cents, upper
        return total


PRODUCTS = (
    ("classic", "Classic", "base", "work_management"),
    ("work", "Work", "base", "work_management"),
    ("desk", "Desk", "base", "service_desk"),
    ("automation", "Automation", "add_on", "automation"),
    ("analytics", "Analytics", "add_on", "analytics"),
    ("sso", "SSO", "add_on", "security"),
    ("priority_support", "Priority support", "add_on", "support"),
)
ADD_ONS = ("analytics", "sso", "priority_support")

# Monthly cents a seat in USD and EUR; a year costs ten months.
FLAT = {"starter": (900, 850), "team": (1800, 1700), "team_2026": (1900, 1800)}
STEPS = {
    "business": ("graduated", ((20, 3200, 3000), (100, 2800, 2600), (None, 2400, 2200))),
    "enterprise": ("volume", ((50, 4400, 4100), (200, 4200, 3900), (500, 4000, 3700), (None, 3800, 3500))),
}
LIMITS = {"starter": (10, 50), "team": (50, 500), "business": (250, 5000), "enterprise": (NO_LIMIT, 50000)}
OTHER = {
    "desk_standard": ("desk", 1, (1900, 1800)),
    "desk_plus": ("desk", 2, (3500, 3300)),
    "analytics": ("analytics", 1, (7900, 7500)),
    "sso": ("sso", 1, (4900, 4500)),
    "priority_support": ("priority_support", 1, (19900, 18900)),
}


def _plans() -> dict[str, Plan]:
    found = []
    for at, currency in enumerate(CURRENCIES):
        for interval, months in (("month", 1), ("year", 10)):
            tail = f"{interval}ly_{currency.lower()}"
            for name in (*TIERS, "team_2026"):
                tier_name = name.removesuffix("_2026")
                tier, (seats, storage) = TIERS.index(tier_name) + 1, LIMITS[tier_name]
                plan_id = f"{tier_name}_{tail}" + name.removeprefix(tier_name)
                for product, prefix in (("work", ""), ("classic", "classic_")):
                    if product == "classic" and name == "team_2026":
                        continue
                    unit, mode, steps = 0, "", ()
                    if name in FLAT:
                        unit = FLAT[name][at] * months
                    else:
                        mode, rows = STEPS[name]
                        steps = tuple((row[0], row[1 + at] * months) for row in rows)
                    if (product, name) == ("classic", "starter"):
                        unit -= 100 * months
                    found.append(
                        Plan(prefix + plan_id, product, tier, currency, interval, unit, mode, steps, seats, storage)
                    )
            found += [
                Plan(f"{name}_{tail}", product, tier, currency, interval, cents[at] * months)
                for name, (product, tier, cents) in OTHER.items()
            ]
        found.append(Plan(f"automation_{currency.lower()}", "automation", 1, currency, "month", 2))
    return {plan.plan_id: plan for plan in sorted(found, key=lambda plan: plan.plan_id)}


PLANS = _plans()

# Country, share of sign-ups in per cent, currency, list of name stems.
COUNTRIES = (
    ("US", 27, "USD", "en"), ("TH", 15, "USD", "th"), ("GB", 7, "USD", "en"), ("AU", 5, "USD", "en"),
    ("SG", 5, "USD", "en"), ("CA", 4, "USD", "fr"), ("IN", 4, "USD", "en"), ("JP", 4, "USD", "en"),
    ("BR", 4, "USD", "es"), ("VN", 3, "USD", "en"), ("MX", 2, "USD", "es"),
    ("DE", 7, "EUR", "de"), ("FR", 5, "EUR", "fr"), ("NL", 3, "EUR", "de"),
    ("ES", 3, "EUR", "es"), ("IE", 2, "EUR", "en"),
)  # fmt: skip
INDUSTRIES = (
    ("Agency", 17), ("Software", 19), ("Retail", 13), ("Manufacturing", 12), ("Hospitality", 11),
    ("Logistics", 11), ("Healthcare", 9), ("Education", 8),
)  # fmt: skip


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


STEMS = {
    "en": _words(
        "Acorn Amber Anchor Aspen Atlas Beacon Birch Bluebird Bright Cedar Cinder Clover Cobalt Compass Copper Coral "
        "Delta Ember Falcon Fern Flint Foxglove Garnet Granite Harbor Hazel Heron Indigo Iron Ivory Juniper Kestrel "
        "Lantern Larch Linden Lotus Lumen Maple Marble Meadow Merlin Mosaic Nimbus Northern Oak Onyx Orchid Osprey "
        "Pebble Pine Quartz Raven Ridge River Saffron Sable Silver Slate Sparrow Summit Teal Thistle Timber Umber "
        "Verdant Violet Walnut Willow Winter Zephyr"
    ),
    "th": _words(
        "สยาม บ้านสวน ล้านนา เจ้าพระยา อันดามัน กรุงไทย ช้างเผือก ดอกบัว เมืองทอง รุ่งเรือง ทรัพย์สิน ไทยเจริญ พรหมมา "
        "ศรีสุข ภูเขียว นครชัย อ่าวไทย บุญมา แสงทอง น้ำใส"
    ),
    "de": _words(
        "Müller Schäfer Köhler Böhm Grünwald Königs Jäger Krüger Vögele Weiß Lübeck Sönke Möbius Nürnberg Rösler "
        "Straßburg Förster Hübner Çelik Brückner"
    ),
    "fr": _words(
        "Lumière Étoile Béranger Château Fougère Hélène Montréal Noël Québec Rivière Séverin Théâtre Vallée Zoé Aïda "
        "Bérénice Côté Forêt Gaël Île"
    ),
    "es": _words(
        "Peña Muñoz Ibáñez Córdoba León Gómez Núñez São Araújo Conceição Jiménez Málaga Avilés Ordóñez Quiñones Rincón "
        "Sebastián Téllez Vázquez Águila"
    ),
}
SECONDS = {
    "en": _words(
        "Works Labs Partners Supply Studio Group Systems Foods Media Health Freight Digital Retail Tools Craft"
    ),
    "th": _words("โลจิสติกส์ การค้า ดิจิทัล ฟู้ดส์ สตูดิโอ ซัพพลาย เทรดดิ้ง โฮเทล เฮลท์แคร์ เทคโนโลยี อุตสาหกรรม กรุ๊ป"),
    "de": _words("Technik Logistik Handel Werke Medien Bau Praxis Verlag Systeme Söhne Möbel Küchen"),
    "fr": _words("Conseil Ateliers Frères Édition Santé Logistique Médias Hôtels Services Créations Systèmes Réseau"),
    "es": _words(
        "Hermanos Servicios Logística Diseño Alimentos Salud Talleres Estudio Textil Viajes Técnica Educación"
    ),
}
THIRDS = {
    "en": ["", "", "", "Co", "Asia", "Global", "North", "Pacific"],
    "th": ["", "", "เชียงใหม่", "ภูเก็ต", "ขอนแก่น", "กรุงเทพ", "หาดใหญ่", "ระยอง"],
    "de": ["GmbH", "AG", "KG", "Süd", "Nord", "Köln"],
    "fr": ["SA", "SARL", "Genève", "et Cie", "Lyon", ""],
    "es": ["SL", "SA", "Andalucía", "do Sul", "México", ""],
}
OWNERS = (
    "Nok Srisai", "สมชาย ใจดี", "Zoë Müller", "Renée Lefèvre", "Priya Nair", "Tomás Núñez", "Grace Okafor", "Ben Carter",
)  # fmt: skip
PERSONS = ("Alex", "Beatriz", "Chai", "Dorothée", "Emil", "Fah", "Grzegorz", "Hana", "Inés", "Jörg", "กมล", "มาลี")
TOUCHES = ("Quarterly review", "Asked about reporting", "Planning the next team", "Training session", "Check-in call")
TICKETS = ("Cannot invite a user", "Export is slow", "Invoice question", "Automation did not run", "Permission problem")
