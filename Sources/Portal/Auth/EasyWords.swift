/// Words of which passwords are commonly made, in lower case. A password that is little more than these, digits and
/// runs of the keyboard is refused.
enum EasyWords {
    static let words: [String] = Array(Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))).sorted()

    private static let text = """
        password passwort passwd passw pass word motdepasse contrasena senha parola kennwort geheim secret secreto
        welcome willkommen bienvenue bienvenido hello hallo bonjour hola letmein openup opensesame sesame enter login
        logon signin signup access admin administrator root superuser user username guest test tester testing demo
        default changeme change temp temporary public private system server service network internet computer laptop
        windows linux debian ubuntu apple google microsoft amazon facebook twitter instagram youtube netflix github
        oracle cisco samsung android iphone database mysql postgres docker kubernetes cloud office support helpdesk
        purser bioql quantum dashboard account billing invoice payment api key token

        iloveyou loveyou love lover lovely loveme forever always together heart hearts sweetheart honey baby babygirl
        babyboy angel angels princess prince queen king kings kingdom sunshine sunflower flower flowers rose roses
        butterfly rainbow unicorn magic dream dreamer dreams star stars starlight moon moonlight sunset heaven hello
        dragon dragons monkey tiger tigers lion lions eagle eagles falcon panther wolf wolves bear bears shark dolphin
        dolphins horse horses kitten kitty puppy doggy dog cat cats dogs fish bird turtle rabbit bunny mouse elephant
        spider snake phoenix
        football fussball soccer baseball basketball hockey tennis golf rugby cricket swimming running runner skater
        champion champions winner victory player gamer gaming game games arsenal chelsea liverpool manchester united
        barcelona realmadrid juventus bayern dortmund yankees cowboys steelers lakers
        superman batman spiderman ironman hulk joker pokemon pikachu naruto starwars skywalker jedi matrix hobbit
        gandalf merlin wizard knight ninja samurai pirate pirates captain hunter killer warrior soldier shadow ghost
        master mister doctor professor teacher student school college university
        michael jennifer jessica jordan daniel andrew joshua matthew anthony robert thomas charlie william george
        harley ashley amanda nicole hannah sophie maria anna laura sarah emily olivia emma martin peter alexander
        maximilian christian sebastian benjamin nicolas patrick richard steven justin brandon taylor morgan
        ranger buster cooper maverick mustang corvette ferrari porsche mercedes lamborghini toyota honda yamaha harley
        summer winter spring autumn january february march april june july august september october november december
        sommer herbst fruehling monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday
        birthday christmas easter holiday vacation weekend
        london paris berlin newyork boston dallas chicago america canada australia england germany france spain italy
        india china japan russia brazil mexico europe
        cookie cookies chocolate banana orange apples cherry peach lemon strawberry coffee pizza cheese pepper ginger
        bacon burger sugar candy juice whiskey vodka beer wine
        silver golden gold diamond diamonds crystal platinum purple yellow green black white brown blue pink red
        freedom liberty peace happy happiness smile lucky money rich dollar million number one two three four five six
        seven eight nine zero first second third thousand hundred
        music guitar piano metal rockstar rock punk disco dance dancer singer metallica nirvana eminem beatles elvis
        trustno trust noone nobody nothing something whatever anything everyone everything somebody
        jesus christ church bible faith hope grace blessed amen god lord
        mother father mommy daddy mama papa sister brother family friend friends buddy girl girls boy boys lady women
        fuckyou fucking fuck shit bitch asshole sexy sex hottie
        qwerty qwertz azerty qazwsx wsxedc zaqwsx asdfgh zxcvbn asdf abcdef abcd
        my your the and you me is it in on to of a i
        """
}
