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
