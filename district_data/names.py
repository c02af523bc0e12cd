"""Names for people and schools who do not exist. Our own lists; any likeness is chance."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NameGroup:
    """Names that go together, under a federal race/ethnicity code, with the group's share in percent.

    Names stand in one text, parted by blanks, so that a list fits on a screen.
    """

    code: int
    share: int
    language: str
    last: str
    girls: str
    boys: str
    countries: str = "CA"


HISPANIC = NameGroup(
    code=1,
    share=41,
    language="spa",
    last="Garcia Hernandez Martinez Lopez Gonzalez Rodriguez Perez Sanchez Ramirez Torres Flores "
    "Rivera Gomez Diaz Reyes Morales Cruz Ortiz Gutierrez Chavez Ramos Ruiz Alvarez Mendoza "
    "Vasquez Castillo Jimenez Moreno Romero Herrera Medina Aguilar Vargas Guzman Munoz Salazar "
    "Delgado Fuentes Rojas Navarro Campos Cabrera Orozco Ibarra Zamora Cervantes Quintero "
    "Villanueva Escobar Galvan",
    girls="Sofia Isabella Camila Valentina Maria Ximena Daniela Lucia Mariana Gabriela Elena Natalia "
    "Victoria Andrea Ana Fernanda Paola Alejandra Carmen Adriana Julieta Catalina Renata "
    "Esmeralda Guadalupe Rosa Marisol Yesenia Leticia Noemi Araceli Dulce",
    boys="Santiago Mateo Diego Sebastian Alejandro Angel Luis Carlos Jose Juan Miguel Jesus Emiliano "
    "Leonardo Adrian Fernando Ricardo Javier Andres Rafael Hector Oscar Eduardo Ivan Cesar Raul "
    "Marco Antonio Joaquin Ruben Ernesto Gustavo",
    countries="MX SV GT CU",
)

WHITE = NameGroup(
    code=6,
    share=29,
    language="eng",
    last="Smith Johnson Miller Davis Wilson Anderson Taylor Moore Martin Thompson White Clark Lewis "
    "Walker Hall Allen Young King Wright Hill Scott Adams Baker Nelson Carter Mitchell Phillips "
    "Evans Turner Parker Collins Edwards Stewart Morris Rogers Cook Morgan Peterson Cooper Reed "
    "Bailey Kelly Howard Ward Cox Richardson Wood Watson Brooks Bennett Gray Hughes Price Sanders "
    "Myers Foster Sullivan Russell Fisher Jensen Christensen Larsen Schmidt Kowalski Novak Romano "
    "Petrov",
    girls="Emma Olivia Ava Charlotte Amelia Harper Evelyn Abigail Emily Ella Scarlett Grace Chloe Lily "
    "Hannah Nora Zoe Riley Stella Hazel Audrey Claire Lucy Anna Caroline Madeline Ruby Piper "
    "Lydia Quinn Sadie Ivy Rose Alice Paige Molly Heidi Brooke",
    boys="Liam Noah Oliver James William Henry Lucas Benjamin Theodore Jack Levi Alexander Jackson "
    "Owen Daniel Wyatt Luke Caleb Nathan Ryan Hunter Connor Eli Landon Adam Austin Cole Parker "
    "Jace Everett Brody Weston Colton Grant Peter Simon Felix Dean",
)

BLACK = NameGroup(
    code=4,
    share=12,
    language="eng",
    last="Williams Brown Jones Jackson Harris Robinson Washington Jefferson Banks Booker Coleman "
    "Jenkins Henderson Simmons Franklin Gaines Hairston Dorsey Mosley Battle Glover Hampton "
    "Joseph Pierre Baptiste Okafor Mensah Adeyemi Tesfaye Abebe Diallo Mohamed",
    girls="Aaliyah Imani Nia Jada Kiara Zuri Amara Destiny Ebony Nevaeh Makayla Tiana Gabrielle Raven "
    "Aniyah Simone Kennedy Skylar Janelle Latoya Naomi Ada Selam Fatima",
    boys="Elijah Isaiah Malik Jayden Xavier Darius Marcus Andre Terrence Jalen Tyrone Micah Amir Kofi "
    "Kwame Josiah Devin Desmond Reginald Jamal Khalil Emeka Dawit Omar",
)

ASIAN = NameGroup(
    code=3,
    share=7,
    language="tgl",
    last="Nguyen Tran Le Pham Kim Lee Park Choi Chen Wang Li Zhang Liu Huang Lin Patel Shah Singh Kaur "
    "Gupta Sharma Reddy Santos Dela-Cruz Bautista Villanueva Ocampo Tanaka Sato Yamamoto Khan "
    "Chowdhury Vang Xiong Sok Chea",
    girls="Mei Linh Thuy Hana Yuna Soo-ah Priya Ananya Aisha Jasmine Angelica Kristine Maricel Sakura "
    "Emi Leena Divya Xin Yi Bao Mai Kalia Sophea Grace",
    boys="Minh Duc Jun Hiro Kenji Wei Ming Hao Arjun Rohan Dev Imran Ravi Jin Sung Paolo Jericho "
    "Angelo Kai Tou Vuong Daniel Andrew Ethan",
    countries="PH CN VN IN KR",
)

PACIFIC_ISLANDER = NameGroup(
    code=5,
    share=2,
    language="haw",
    last="Kealoha Kahale Nakamura Akana Kaneshiro Tuiasosopo Faleolo Tupou Latu Taufa Leota Mahoe "
    "Kamaka Tavita",
    girls="Leilani Malia Kalea Nani Moana Sina Lani Anela Kiele Mele",
    boys="Keanu Kaleo Koa Makoa Ikaika Sione Tevita Manoa Nalu Kawika",
    countries="WS TO FM",
)

NATIVE_AMERICAN = NameGroup(
    code=2,
    share=2,
    language="eng",
    last="Begay Yazzie Tsosie Benally Nez Whitehorse Redcloud Tom Wasson Dann Hooper Sampson Johnny "
    "Blackeye Paymella",
    girls="Aiyana Winona Dena Shania Kaya Takoda Misty Ayita Nizhoni Dezba",
    boys="Ashkii Dakota Chayton Hunter Shane Ahiga Elan Tse Mato Delbert",
)

TWO_OR_MORE = NameGroup(
    code=7,
    share=7,
    language="eng",
    last="Williams Ross Hayes Bryant Rivera Kim Perry Powell Long Santos Griffin Torres Coleman Lopez "
    "Grant Reid Hawkins Nakamura Stone Fields",
    girls="Maya Nina Ariana Talia Jordan Morgan Mila Elise Serena Dahlia Kira Noelle Sasha Bianca",
    boys="Julian Gabriel Dominic Elias Roman Zion Jordan Kai Miles Tristan Rowan Damian Silas Nico",
)

GROUPS = (HISPANIC, WHITE, BLACK, ASIAN, PACIFIC_ISLANDER, NATIVE_AMERICAN, TWO_OR_MORE)

# These hold blanks, so a semicolon parts them.
SCHOOLS = (
    "Desert Willow;Sagebrush;Juniper;Pinyon;Red Rock;Granite Peak;Silver Creek;Canyon View;"
    "Mesa Verde;Cottonwood;Bitterbrush;Sunrise;Meadow Lark;Quail Hollow;Bristlecone;Yucca;"
    "Mountain Vista;Valley View;Riverbend;Ponderosa;Roadrunner;Manzanita;Coyote Springs;"
    "Antelope Valley;Eagle Ridge;Cactus Wren;Ocotillo;Mesquite Grove;Ruby Mountain;Toiyabe;"
    "Lamoille;Walker River;Carson Vale;Humboldt;Comstock;Prospector;Palomino;Mustang Hills;"
    "Wild Horse;Sierra;High Desert;Sandstone;Copper Basin;Turquoise;Opal;Garnet;Jasper;"
    "Quartz Hill;Limestone;Basalt;Aspen Glen;Alder Creek;Willow Bend;Elm Street;Maple Park;"
    "Oakdale;Birch Lane;Cedar Ridge;Hawthorn;Laurel;Orchard;Harvest;Prairie Star;Morning Star;"
    "North Star;Evening Sky;Clear Water;Spring Lake;Stone Bridge;Old Mill;Lantern Hill;Beacon;"
    "Summit;Horizon;Frontier;Pioneer;Homestead;Heritage;Liberty;Unity;Harmony;Discovery;Endeavor;"
    "Explorer;Pathfinder;Odyssey;Legacy;Keystone;Cornerstone;Landmark;Gateway;Crossroads;Lincoln;"
    "Douglass;Tubman;Curie;Edison;Carver;Bell;Wright;Galileo;Newton;Darwin;Hopper;Lovelace;"
    "Goddard;Sacagawea;Chavez;Huerta;Parks;Bunche;Hughes;Angelou;Neruda;Thoreau;Whitman;"
    "Dickinson;Twain;Audubon;Muir;Carson;Banneker"
)

STREETS = (
    "Main;Oak;Pine;Maple;Cedar;Elm;View;Washington;Lake;Hill;Park;Walnut;Spring;North;Ridge;"
    "Meadow;Forest;Highland;River;Sunset;Railroad;Church;Willow;Mill;Center;Valley;Canyon;"
    "Juniper;Sage;Granite;Silver;Copper;Prospect;Union;Liberty"
)

STREET_KINDS = "St;Ave;Dr;Ln;Ct;Rd;Way;Blvd"
