"""Where the phonenumbers data is wrong or silent about the time zones and states of North American area codes.

Owns: every departure from that data, each with its reason. Does not own: applying them (build).

Sources: the NPA report that the North American Numbering Plan Administrator publishes (file date 2025-11-26: location,
overlay complex and zone letters of each code) · the planning letters it cites · 49 CFR 71 (limits of the zones in the
United States) · the comments of the IANA time zone database (northamerica). Legal time counts; a town that keeps its
neighbour's clock out of habit (Phenix City, Alabama; Kenton, Oklahoma) does not widen its code.
"""

OVERLAYS = {
    # The code on the left is given out over the whole area of those on the right, so it has their zones. The data gives
    # it one zone, or a wrong one.
    "236": "250 604", "257": "250 604", "672": "250 604", "778": "250 604",
    "273": "418", "367": "418", "581": "418",
    "364": "270",
    "448": "850",
    "458": "541",
    "474": "306", "639": "306",
    "689": "407",
    "729": "423",
    "879": "709",
    "930": "812",
    "986": "208",
    # Assigned or announced, and not in the data at all.
    "357": "559", "436": "440", "457": "318", "465": "718", "471": "662", "483": "334", "565": "912", "621": "713",
    "624": "716", "679": "313", "761": "502", "837": "530", "861": "309", "924": "507",
}  # fmt: skip

ADDED = {
    # British Columbia's Peace River, Northern Rockies and Creston do not share the clock of Vancouver or of the Kootenays.
    "250": "America/Creston America/Dawson_Creek America/Fort_Nelson",
    # Lloydminster keeps Alberta's time by its charter.
    "306": "America/Edmonton",
    # "CM" in the NPA report.
    "915": "America/Chicago",
    # "EC" in the NPA report.
    "931": "America/New_York",
}

DROPPED = {
    # The western Aleutians observe daylight saving time (America/Adak); nobody in Alaska keeps Hawaii's clock.
    "907": "Pacific/Honolulu",
}

REPLACED = {
    # Yukon left Pacific time in 2020 and Nunavut has three zones of its own and an exception; the data has neighbours.
    "867": (
        "America/Cambridge_Bay America/Coral_Harbour America/Edmonton America/Iqaluit America/Rankin_Inlet "
        "America/Whitehorse"
    ),
}

DISPUTED = {
    # The NPA report still has Yukon in Pacific time.
    "867",
}

RENAMED = {
    # One county's name for the Central clock, used for both Dakotas.
    "America/North_Dakota/Center": "America/Chicago",
}

REGIONS = {
    # The data names no state for these.
    "203": "US-CT", "310": "US-CA", "713": "US-TX", "718": "US-NY", "905": "CA-ON",
}  # fmt: skip

TERRITORIES = {"AS": "US-AS", "GU": "US-GU", "MP": "US-MP", "PR": "US-PR", "VI": "US-VI"}
"""Regions of the data that are under United States law."""

STATES = {
    "Alabama": "US-AL", "Alaska": "US-AK", "Arizona": "US-AZ", "Arkansas": "US-AR", "California": "US-CA",
    "Colorado": "US-CO", "Connecticut": "US-CT", "Delaware": "US-DE", "Florida": "US-FL", "Georgia": "US-GA",
    "Hawaii": "US-HI", "Idaho": "US-ID", "Illinois": "US-IL", "Indiana": "US-IN", "Iowa": "US-IA", "Kansas": "US-KS",
    "Kentucky": "US-KY", "Louisiana": "US-LA", "Maine": "US-ME", "Maryland": "US-MD", "Massachusetts": "US-MA",
    "Michigan": "US-MI", "Minnesota": "US-MN", "Mississippi": "US-MS", "Missouri": "US-MO", "Montana": "US-MT",
    "Nebraska": "US-NE", "Nevada": "US-NV", "New Hampshire": "US-NH", "New Jersey": "US-NJ", "New Mexico": "US-NM",
    "New York": "US-NY", "North Carolina": "US-NC", "North Dakota": "US-ND", "Ohio": "US-OH", "Oklahoma": "US-OK",
    "Oregon": "US-OR", "Pennsylvania": "US-PA", "Rhode Island": "US-RI", "South Carolina": "US-SC",
    "South Dakota": "US-SD", "Tennessee": "US-TN", "Texas": "US-TX", "Utah": "US-UT", "Vermont": "US-VT",
    "Virginia": "US-VA", "Washington D.C.": "US-DC", "Washington State": "US-WA", "West Virginia": "US-WV",
    "Wisconsin": "US-WI", "Wyoming": "US-WY",
    "Chicago, IL": "US-IL", "Los Angeles, CA": "US-CA", "New York, NY": "US-NY", "Palm Beach, FL": "US-FL",
    "Philadelphia, PA": "US-PA", "San Antonio, TX": "US-TX",
    "Alberta": "CA-AB", "British Columbia": "CA-BC", "British Colombia": "CA-BC", "Manitoba": "CA-MB",
    "Montreal, QC": "CA-QC", "New Brunswick": "CA-NB", "Newfoundland and Labrador": "CA-NL",
    "Northwest Territories/Nunavut/Yukon": "CA-NT CA-NU CA-YT", "Nova Scotia/Prince Edward Island": "CA-NS CA-PE",
    "Ontario": "CA-ON", "Quebec": "CA-QC", "Saskatchewan": "CA-SK", "Toronto, ON": "CA-ON",
}  # fmt: skip
"""The data's English names of states, provinces and a few cities that stand for a whole code (ISO 3166-2)."""
