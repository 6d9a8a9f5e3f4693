"""Pools of invented names, places and words; nobody in them exists."""

GIVEN = (
    *("Amélie", "Anaïs", "Björn", "Camille", "Céline", "Chloé", "Clémence", "Dániel", "Élodie", "Emre"),
    *("Estelle", "Fatou", "Fedele", "Florian", "François", "Gaëlle", "Giulia", "Grégoire", "Hanna"),
    *("Hélène", "Inés", "Ingrid", "Jérôme", "João", "Jürgen", "Karim", "Léa", "Loïc", "Lucía", "Luka"),
    *("Maëlys", "Małgorzata", "Marc", "Mehdi", "Mireille", "Nadège", "Niamh", "Nicolò", "Noémie"),
    *("Océane", "Olivier", "Pénélope", "Raphaël", "Renée", "Rémi", "Saoirse", "Sébastien", "Søren"),
    *("Sofía", "Štěpán", "Thaïs", "Théo", "Tiago", "Ulla", "Valérie", "Wim", "Yaëlle", "Zoé", "Žofia"),
)
FAMILY = (
    *("Abadie", "Åkesson", "Almeida", "Armand", "Barbieri", "Béranger", "Bouchard", "Brandão", "Carré"),
    *("Castañeda", "Chevalier", "Coste", "D'Angelo", "De Vries", "Delaunay", "Desprès", "Dubreuil"),
    *("Ferreira", "Fournel", "García-Ruiz", "Gauthier", "Gérard", "Grünwald", "Guérin", "Hämäläinen"),
    *("Horváth", "Huchet", "Ivanović", "Jaubert", "Jónsdóttir", "Kerguelen", "Kovač", "L'Hermitte"),
    *("Lacombe", "Lefèvre", "Legoff", "Lindqvist", "Łukasik", "Maréchal", "Mercier", "Molinié", "Muñoz"),
    *("Müller", "Nowak", "O'Brien", "Ørsted", "Pélissier", "Perrault", "Ponthieu", "Quéméneur", "Renoir"),
    *("Robichaud", "Rossi", "Sánchez", "Sauvage", "Schäfer", "Šimek", "Tessier", "Thévenot", "Van Dijk"),
    *("Vasseur", "Vellutini", "Yıldız", "Zieliński"),
)
TITLES = (
    *("Développeuse", "Chargé de recrutement", "Comptable", "Cheffe de projet", "Commercial", "Analyste"),
    *("Technicien support", "Juriste", "Designer produit", "Acheteuse", "Logisticien", "Formatrice"),
    *("Contrôleur de gestion", "Ingénieure qualité", "Gestionnaire de paie", "Data engineer"),
)
DEPARTMENTS = (
    *("Finance", "Ressources humaines", "Informatique", "Commercial", "Juridique", "Logistique"),
    *("Qualité", "Marketing", "Production", "Support", "Recherche", "Achats", "Formation", "Paie"),
)
ADJECTIVES = ("Nord", "Sud", "Est", "Ouest", "Europe", "Grands comptes", "Projets", "Études", "Terrain")
SHIRT_SIZES = ("XS", "S", "M", "L", "XL", "XXL")
LANGUAGES = ("français", "anglais", "español", "Deutsch", "italiano", "português", "polski", "kreol rényoné")
ESTABLISHMENTS = (
    ("Siège Paris", "12 rue de l'Invention", "75009", "Paris", "FRA", "Europe/Paris"),
    ("Nantes", "3 quai des Exemples", "44000", "Nantes", "FRA", "Europe/Paris"),
    ("Saint-Denis de La Réunion", "8 allée du Modèle", "97400", "Saint-Denis", "FRA", "Indian/Reunion"),
    ("Lisboa", "21 rua do Ensaio", "1100-002", "Lisboa", "PRT", "Europe/Lisbon"),
    ("Montréal", "450 avenue du Prototype", "H2X 1Y4", "Montréal", "CAN", "America/Toronto"),
)
SENTENCES = (
    *(
        "Aime les chiffres ronds.",
        "Court le midi.",
        "A ouvert l'agence du Sud.",
        "Parle aux clients le matin.",
    ),
    *("Forme les nouveaux.", "Préfère les réunions courtes.", "Écrit les notices.", "Connaît les archives."),
)
LEGAL_ENTITIES = (
    # name, country, currency, format of the tax number, tax number, industry
    ("Invention SAS", "FRA", "EUR", "franceSIREN", "888888880", "6201Z"),
    ("Invention Holding SAS", "FRA", "EUR", "franceSIREN", "888888881", "6420Z"),
    ("Invention Iberia SL", "ESP", "EUR", "spainNIF", "B88888882", None),
    ("Invenção Lda", "PRT", "EUR", "other", "588888883", "62010"),
    ("Invention Canada inc.", "CAN", "CAD", "other", "888888884RC0001", "541514"),
)
PROFESSIONS = ("Métiers du numérique", "Métiers du commerce", "Métiers de la gestion")
QUALIFICATIONS = (
    *("Assistant", "Technicien", "Ingénieur", "Ingénieure confirmée", "Responsable", "Directrice"),
)
CATEGORIES = (("Cadre", "37"), ("Technicien", "47"), ("Employé", "54"), ("Ouvrier", "62"))
TEMPLATES = (
    ("CDI", "permanent", "employee"),
    ("CDD", "fixed", "employee"),
    ("Alternance", "fixed", "student"),
    ("Prestataire", "fixed", "external"),
)
CALENDARS = ("France", "La Réunion", "Portugal", "Québec")
ARRANGEMENTS = ("Temps plein 35 h", "Forfait 218 jours", "Temps partiel 80 %", "Horário completo")
TAXONOMIES = (
    ("Sites", ("Atelier", "Bureau", "Dépôt", "Boutique", "Ancienne halle")),
    ("Habilitations", ("Électrique B1", "Secourisme", "Cariste", "Travail en hauteur")),
)
ABANDONED = "Ancienne halle"
WORDS = ("Alpha", "Bêta", "Gamma", "Delta", "Epsilon", "Zêta", "Êta", "Thêta", "Iota", "Kappa", "Lambda")
STREETS = ("rue de l'Essai", "quai du Brouillon", "allée de l'Ébauche", "place de la Maquette")
