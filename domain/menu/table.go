package menu

import "github.com/Group-buying-service/mealbuddy/domain/party"

// tags describe a dish: its character, its ingredients and when people eat it.
type tags uint64

const (
	soup tags = 1 << iota
	warming
	chilled
	spicy
	light
	hearty
	heavy // not for breakfast
	crisp // fried or oily
	sweet
	drinks // goes with alcohol
	kids
	noodle
	rice
	share // one dish for several people
	sober // for a hangover

	pork
	beef
	fowl
	lamb
	seafood
	dairy
	egg
	flour
	nuts
	buckwheat
	raw   // raw meat or fish
	vegan // usually without animal products

	rainy
	snowy
	morning
	noon
	teatime
	evening
	late

	spring
	summer
	autumn
	winter
	seasonal // rarely available in other seasons

	meat = pork | beef | fowl | lamb
)

// entry is a dish of the table. Its line praises the dish in one sentence.
type entry struct {
	name     string
	category party.Category
	tags     tags
	line     string
}

const (
	jokbal  party.Category = "족발,보쌈"
	stew    party.Category = "찜,탕,찌개"
	japan   party.Category = "돈까스,회,일식"
	pizza   party.Category = "피자"
	grill   party.Category = "고기구이"
	western party.Category = "양식"
	chicken party.Category = "치킨"
	china   party.Category = "중식"
	asia    party.Category = "아시안"
	korean  party.Category = "백반,죽,국수"
	box     party.Category = "도시락"
	bunsik  party.Category = "분식"
	cafe    party.Category = "카페,디저트"
	fast    party.Category = "패스트푸드"
)

// table lists all dishes that Suggest knows.
var table = []entry{
	{"족발", jokbal, pork | hearty | heavy | drinks | share | evening | late, "쫄깃한 족발 한 접시를 여럿이 나누기 좋아요."},
	{"불족발", jokbal, pork | spicy | hearty | heavy | drinks | share | evening | late, "화끈한 양념이 입맛을 깨워 줘요."},
	{"냉채족발", jokbal, pork | chilled | heavy | drinks | share | summer | evening, "톡 쏘는 겨자 소스가 시원하고 개운해요."},
	{"마늘족발", jokbal, pork | hearty | heavy | drinks | share | evening | late, "알싸한 마늘이 쫄깃한 고기와 잘 어울려요."},
	{"보쌈", jokbal, pork | hearty | drinks | share | noon | evening | winter | autumn, "담백한 수육을 김치에 싸 먹으면 든든해요."},
	{"굴보쌈", jokbal, pork | seafood | hearty | drinks | share | evening | winter | raw | seasonal, "제철 굴과 수육을 한 쌈에 즐길 수 있어요."},
	{"보쌈과 막국수", jokbal, pork | chilled | noodle | flour | hearty | share | noon | evening | summer | buckwheat, "부드러운 수육에 시원한 막국수를 곁들여요."},
	{"편육", jokbal, pork | drinks | share | evening | rainy, "담백하게 눌러 썬 고기라 막걸리에 곁들이기 좋아요."},

	{"김치찌개", stew, soup | warming | spicy | pork | rice | hearty | rainy | noon | evening, "칼칼한 국물에 밥 한 공기가 잘 어울려요."},
	{"된장찌개", stew, soup | warming | rice | seafood | morning | noon | evening | rainy, "구수한 국물이 속을 편안하게 데워 줘요."},
	{"순두부찌개", stew, soup | warming | spicy | seafood | egg | rice | morning | noon | evening | rainy, "몽글몽글한 순두부가 속을 따뜻하게 채워 줘요."},
	{"부대찌개", stew, soup | warming | spicy | pork | noodle | flour | hearty | heavy | share | evening | snowy | winter, "햄과 라면사리를 넣어 여럿이 끓여 먹기 좋아요."},
	{"청국장", stew, soup | warming | rice | noon | evening | winter | autumn | seafood, "깊고 구수한 맛에 밥이 절로 넘어가요."},
	{"감자탕", stew, soup | warming | spicy | pork | hearty | heavy | drinks | share | evening | late | rainy | snowy | winter, "뼈를 푹 고아 낸 국물이 몸을 데워 줘요."},
	{"뼈해장국", stew, soup | warming | pork | hearty | sober | rice | noon | late | rainy | winter | spicy, "진한 국물로 속을 확 풀어 줘요."},
	{"콩나물국밥", stew, soup | warming | seafood | egg | rice | sober | morning | noon | light | rainy, "시원한 콩나물 국물이 속을 개운하게 해 줘요."},
	{"황태해장국", stew, soup | warming | seafood | egg | rice | sober | morning | light | winter | snowy, "맑고 시원한 황태 국물이 속을 달래 줘요."},
	{"돼지국밥", stew, soup | warming | pork | rice | hearty | sober | noon | evening | late | rainy | winter, "뽀얀 국물에 밥을 말아 든든하게 먹어요."},
	{"순대국", stew, soup | warming | pork | rice | hearty | sober | noon | evening | late | rainy | snowy, "들깨를 푼 국물이 속까지 뜨끈하게 해 줘요."},
	{"설렁탕", stew, soup | warming | beef | rice | noodle | flour | hearty | kids | morning | noon | winter | snowy, "오래 끓인 뽀얀 국물이 순하고 든든해요."},
	{"곰탕", stew, soup | warming | beef | rice | hearty | kids | morning | noon | winter, "맑고 진한 국물이 기운을 북돋워 줘요."},
	{"갈비탕", stew, soup | warming | beef | rice | hearty | kids | noon | evening | winter | snowy, "부드러운 갈비와 맑은 국물이 몸을 녹여 줘요."},
	{"육개장", stew, soup | warming | spicy | beef | rice | hearty | noon | evening | rainy | winter, "얼큰한 국물이 움츠린 몸을 펴 줘요."},
	{"삼계탕", stew, soup | warming | fowl | rice | hearty | summer | noon | evening, "푹 곤 닭 한 마리로 기운을 채워 줘요."},
	{"닭볶음탕", stew, warming | spicy | fowl | hearty | heavy | share | evening | rainy, "매콤한 양념이 밴 감자까지 나눠 먹기 좋아요."},
	{"찜닭", stew, warming | fowl | noodle | hearty | share | kids | noon | evening, "달큰한 간장 양념에 당면까지 푸짐해요."},
	{"아귀찜", stew, warming | spicy | seafood | hearty | drinks | share | evening, "아삭한 콩나물과 매콤한 양념이 입맛을 당겨요."},
	{"해물찜", stew, warming | spicy | seafood | hearty | drinks | share | evening, "갖은 해물을 푸짐하게 나눠 먹기 좋아요."},
	{"동태탕", stew, soup | warming | spicy | seafood | rice | drinks | evening | winter | snowy | rainy, "칼칼하고 깊은 국물이 몸을 녹여 줘요."},
	{"알탕", stew, soup | warming | spicy | seafood | rice | drinks | evening | winter | rainy, "톡톡 씹히는 알과 얼큰한 국물이 별미예요."},
	{"추어탕", stew, soup | warming | seafood | rice | hearty | noon | evening | autumn, "들깨 향 도는 국물이 기운을 북돋워 줘요."},
	{"만두전골", stew, soup | warming | pork | flour | hearty | share | kids | evening | snowy | winter, "김 오르는 만두를 건져 먹는 재미가 있어요."},
	{"버섯들깨탕", stew, soup | warming | vegan | light | noon | evening | autumn | winter | rainy | snowy, "고소한 들깨와 버섯이 속을 부드럽게 감싸 줘요."},
	{"버섯전골", stew, soup | warming | vegan | light | share | evening | autumn | snowy, "향긋한 버섯과 채소로 끓여 국물이 맑고 깊어요."},
	{"샤브샤브", stew, soup | warming | beef | light | share | kids | noodle | flour | evening | snowy | winter, "채소와 고기를 살짝 데쳐 따뜻하게 나눠요."},
	{"등갈비찜", stew, warming | pork | hearty | heavy | share | kids | evening | winter, "살이 쏙 빠지는 등갈비를 손에 들고 뜯기 좋아요."},

	{"등심돈까스", japan, pork | crisp | heavy | flour | egg | kids | rice | noon | evening, "바삭한 튀김옷에 육즙이 가득해요."},
	{"치즈돈까스", japan, pork | crisp | heavy | dairy | flour | egg | kids | noon | evening, "쭉 늘어나는 치즈라 아이들도 좋아해요."},
	{"모둠회", japan, seafood | light | chilled | drinks | share | evening | spring | winter | raw, "신선한 회 한 접시가 입안을 깔끔하게 해 줘요."},
	{"연어덮밥", japan, seafood | light | chilled | rice | noon | evening | spring | raw, "고소한 연어가 밥 위에서 살살 녹아요."},
	{"모둠초밥", japan, seafood | light | chilled | rice | egg | share | noon | evening | spring | raw, "한 점씩 골라 먹는 재미가 있어요."},
	{"회덮밥", japan, seafood | light | chilled | spicy | rice | noon | summer | raw, "새콤한 초장에 회와 채소를 비벼 산뜻해요."},
	{"물회", japan, seafood | light | chilled | spicy | soup | noodle | flour | noon | evening | summer | raw, "살얼음 뜬 육수가 머리끝까지 시원해요."},
	{"돈코츠라멘", japan, soup | warming | pork | noodle | flour | egg | hearty | noon | evening | winter | snowy, "진한 돼지뼈 국물이 몸을 데워 줘요."},
	{"유부우동", japan, soup | warming | noodle | flour | seafood | light | kids | morning | noon | snowy | rainy | winter, "통통한 면과 따끈한 국물이 부담 없어요."},
	{"냉모밀", japan, chilled | noodle | flour | seafood | light | noon | summer | buckwheat, "찬 쯔유에 적신 메밀면이 시원하게 넘어가요."},
	{"규동", japan, beef | rice | egg | hearty | noon | evening, "짭조름한 소고기가 밥 한 그릇을 뚝딱 비우게 해요."},
	{"가츠동", japan, pork | rice | egg | crisp | heavy | flour | kids | noon | evening, "달큰한 달걀과 돈까스가 밥에 촉촉이 배어 있어요."},
	{"일본식 카레", japan, warming | rice | beef | dairy | flour | hearty | kids | noon | evening, "부드러운 카레 향이 식욕을 돋워 줘요."},
	{"나가사키짬뽕", japan, soup | warming | seafood | pork | noodle | flour | hearty | evening | rainy | winter | snowy, "뽀얀 해물 국물이 속을 든든하게 데워 줘요."},
	{"모둠튀김", japan, seafood | crisp | heavy | flour | egg | drinks | share | evening | rainy, "갓 튀겨 바삭한 소리부터 맛있어요."},
	{"유부초밥", japan, rice | light | kids | seafood | morning | noon | spring, "한입에 쏙 들어가 가볍게 먹기 좋아요."},

	{"페퍼로니피자", pizza, pork | dairy | flour | heavy | hearty | kids | drinks | share | evening | late, "짭조름한 페퍼로니를 한 조각씩 나누기 좋아요."},
	{"마르게리타피자", pizza, dairy | flour | kids | share | noon | evening, "토마토와 바질만으로도 산뜻한 맛이에요."},
	{"고르곤졸라피자", pizza, dairy | flour | sweet | drinks | share | evening | teatime, "꿀에 찍어 먹는 얇은 피자가 가볍고 달콤해요."},
	{"불고기피자", pizza, beef | dairy | flour | heavy | hearty | kids | share | noon | evening, "달큰한 불고기 덕에 누구나 좋아하는 맛이에요."},
	{"콤비네이션피자", pizza, pork | beef | dairy | flour | heavy | hearty | kids | share | evening | late, "여러 토핑이 골고루 올라가 취향을 덜 타요."},
	{"시금치리코타피자", pizza, dairy | flour | light | share | noon | evening | spring, "초록 채소와 순한 치즈가 담백해요."},
	{"고구마피자", pizza, pork | dairy | flour | sweet | heavy | kids | share | evening | autumn | winter, "달콤한 고구마 무스가 포근한 맛이에요."},
	{"마리나라피자", pizza, vegan | flour | light | share | noon | evening, "치즈 없이 토마토와 마늘 향으로 즐겨요."},

	{"삼겹살구이", grill, pork | hearty | heavy | crisp | drinks | share | evening | late, "노릇하게 구운 고기를 쌈에 싸 먹기 좋아요."},
	{"돼지갈비", grill, pork | hearty | heavy | sweet | kids | share | evening, "달큰하게 재운 갈비를 다 같이 나눠요."},
	{"소불고기", grill, beef | sweet | hearty | kids | rice | share | noon | evening, "부드럽고 달큰해서 밥과 먹기 좋아요."},
	{"제육볶음", korean, pork | spicy | hearty | rice | noon | evening, "매콤하게 볶은 고기를 밥에 얹어 먹기 좋아요."},
	{"곱창구이", grill, beef | heavy | crisp | hearty | drinks | share | evening | late, "고소한 곱이 술자리를 즐겁게 해 줘요."},
	{"막창구이", grill, pork | heavy | crisp | drinks | share | evening | late, "쫄깃하게 씹을수록 고소한 맛이에요."},
	{"양꼬치", grill, lamb | heavy | drinks | share | spicy | evening | late, "향신료 향 가득한 꼬치가 술안주로 좋아요."},
	{"닭갈비", grill, fowl | spicy | hearty | share | noon | evening, "매콤하게 볶아 먹고 볶음밥으로 마무리하기 좋아요."},
	{"오리주물럭", grill, fowl | spicy | hearty | share | evening | summer, "매콤하게 재운 오리고기로 기운을 채워요."},
	{"고등어구이", korean, seafood | rice | light | morning | noon | evening | autumn, "기름 오른 고등어에 밥 한 그릇이면 충분해요."},

	{"토마토파스타", western, vegan | noodle | flour | light | kids | noon | evening, "상큼한 토마토 소스가 산뜻하게 넘어가요."},
	{"알리오올리오", western, vegan | noodle | flour | light | noon | evening, "마늘과 올리브유만으로 깔끔한 맛이에요."},
	{"크림파스타", western, dairy | pork | noodle | flour | heavy | kids | noon | evening, "부드러운 크림 소스가 포근하게 감싸 줘요."},
	{"봉골레파스타", western, seafood | noodle | flour | light | drinks | noon | evening | spring | rainy, "바지락 감칠맛이 면에 쏙 배어 있어요."},
	{"함박스테이크", western, beef | pork | egg | hearty | kids | rice | noon | evening, "촉촉한 고기와 달걀이 아이 입맛에도 맞아요."},
	{"안심스테이크", western, beef | hearty | heavy | drinks | evening, "두툼한 고기로 근사한 한 끼를 차려요."},
	{"리코타샐러드", western, dairy | light | chilled | morning | noon | teatime | spring | summer, "부드러운 치즈와 채소가 부담 없어요."},
	{"닭가슴살샐러드", western, fowl | light | chilled | morning | noon | evening | summer, "담백하고 가벼워서 먹고 나도 몸이 편해요."},
	{"두부샐러드", western, vegan | light | chilled | morning | noon | evening | spring | summer, "고소한 두부와 채소로 속이 편안해요."},
	{"연어포케", western, seafood | light | chilled | rice | noon | evening | summer | spring | raw, "채소와 연어를 비벼 가볍고 산뜻해요."},
	{"두부포케", western, vegan | light | chilled | rice | noon | evening | summer, "콩과 채소가 넉넉해 가볍고도 든든해요."},
	{"해산물리조또", western, seafood | dairy | rice | warming | noon | evening | winter, "해물 향 머금은 쌀알이 따뜻하고 부드러워요."},
	{"양송이수프와 빵", western, soup | warming | dairy | flour | light | kids | morning | snowy | winter | autumn, "따뜻한 수프 한 그릇이 속을 깨워 줘요."},
	{"토마토채소수프", western, soup | warming | vegan | light | morning | noon | rainy | winter | autumn, "뭉근히 끓인 채소가 속을 따뜻하게 해 줘요."},
	{"에그베네딕트", western, egg | pork | dairy | flour | morning | noon, "촉촉한 수란이 한 끼를 근사하게 해 줘요."},

	{"후라이드치킨", chicken, fowl | crisp | heavy | flour | kids | drinks | share | evening | late, "갓 튀긴 바삭한 한 조각은 언제나 옳아요."},
	{"양념치킨", chicken, fowl | crisp | heavy | flour | sweet | spicy | drinks | share | evening | late | nuts, "매콤달콤한 양념에 손이 멈추지 않아요."},
	{"간장치킨", chicken, fowl | crisp | heavy | flour | sweet | kids | drinks | share | evening | late, "짭조름한 간장 양념이 아이들에게도 인기예요."},
	{"파닭", chicken, fowl | crisp | heavy | flour | drinks | share | evening | late, "알싸한 파채를 곁들여 느끼하지 않아요."},
	{"마늘치킨", chicken, fowl | crisp | heavy | flour | drinks | share | evening | late, "알싸한 마늘 향에 맥주가 생각나요."},
	{"치즈시즈닝치킨", chicken, fowl | crisp | heavy | flour | dairy | kids | share | evening | late, "달콤 짭짤한 치즈 가루를 듬뿍 뿌렸어요."},
	{"불닭", chicken, fowl | spicy | heavy | drinks | share | evening | late, "화끈한 매운맛으로 스트레스를 날려 줘요."},
	{"구운치킨", chicken, fowl | light | kids | share | noon | evening, "튀기지 않아 담백하게 즐길 수 있어요."},
	{"닭강정", chicken, fowl | crisp | heavy | flour | sweet | kids | share | teatime | evening | nuts, "한입 크기라 나눠 먹기 편해요."},
	{"전기구이통닭", chicken, fowl | hearty | drinks | kids | share | evening | autumn, "기름기 쏙 빠진 옛날 통닭이 담백해요."},

	{"짜장면", china, pork | noodle | flour | hearty | kids | noon | evening, "윤기 나는 짜장에 쓱쓱 비벼 먹기 좋아요."},
	{"짬뽕", china, soup | warming | spicy | seafood | pork | noodle | flour | hearty | sober | rainy | snowy | noon | evening, "얼큰한 해물 국물이 몸을 확 데워 줘요."},
	{"백짬뽕", china, soup | warming | seafood | noodle | flour | hearty | rainy | winter | noon | evening, "맵지 않은 해물 국물이 시원하고 깊어요."},
	{"탕수육", china, pork | crisp | heavy | sweet | kids | drinks | share | noon | evening | flour | egg, "새콤달콤한 소스에 누구나 젓가락이 가요."},
	{"마파두부덮밥", china, spicy | pork | rice | warming | noon | evening, "얼얼한 두부를 밥에 비벼 한 그릇 뚝딱이에요."},
	{"잡채밥", china, pork | egg | rice | noodle | hearty | noon | evening, "당면과 채소를 밥에 얹어 푸짐해요."},
	{"새우볶음밥", china, seafood | egg | rice | kids | noon | evening, "고슬고슬한 밥에 탱글한 새우가 가득해요."},
	{"깐풍기", china, fowl | crisp | heavy | spicy | drinks | share | evening | late | flour | egg, "매콤새콤한 닭튀김이 안주로 좋아요."},
	{"크림새우", china, seafood | crisp | heavy | sweet | dairy | kids | drinks | share | evening | flour | egg, "달콤한 소스에 통통한 새우가 가득해요."},
	{"마라탕", china, soup | warming | spicy | beef | noodle | hearty | rainy | snowy | winter | noon | evening | late | nuts, "얼얼한 국물이 온몸을 후끈하게 해 줘요."},
	{"마라샹궈", china, spicy | beef | seafood | heavy | drinks | share | evening | late | nuts, "좋아하는 재료를 얼얼하게 볶아 나눠요."},
	{"물만두", china, pork | flour | kids | light | warming | noon | evening | snowy, "촉촉한 만두가 가볍게 배를 채워 줘요."},
	{"중국식 냉면", china, chilled | noodle | flour | seafood | egg | noon | summer | nuts | seasonal, "땅콩 소스 푼 찬 육수가 고소하고 시원해요."},
	{"게살수프", china, soup | warming | seafood | egg | light | kids | morning | winter | snowy, "부드러운 수프가 속을 살살 데워 줘요."},
	{"채소볶음면", china, vegan | noodle | flour | noon | evening, "불 향 입힌 채소와 면이 담백해요."},
	{"가지튀김덮밥", china, vegan | rice | crisp | noon | evening | summer | flour, "겉은 바삭하고 속은 촉촉한 가지가 별미예요."},

	{"소고기쌀국수", asia, soup | warming | beef | noodle | light | sober | morning | noon | rainy | winter | seafood, "맑은 국물이 부담 없이 따뜻해요."},
	{"두부쌀국수", asia, soup | warming | vegan | noodle | light | morning | noon | evening | rainy, "채소로 우린 국물이 맑고 따뜻해요."},
	{"분짜", asia, pork | noodle | light | chilled | noon | evening | summer | seafood | nuts, "새콤한 소스에 적신 면이 산뜻해요."},
	{"팟타이", asia, seafood | egg | noodle | noon | evening | nuts, "새콤달콤한 볶음면이 입맛을 돋워 줘요."},
	{"똠얌꿍", asia, soup | warming | spicy | seafood | noon | evening | rainy, "새콤하고 매콤한 국물이 기분을 바꿔 줘요."},
	{"월남쌈", asia, seafood | pork | light | chilled | share | kids | noon | evening | summer | spring | nuts, "채소를 듬뿍 싸서 상큼하게 나눠 먹어요."},
	{"두부월남쌈", asia, vegan | light | chilled | share | morning | noon | evening | summer | spring | nuts, "채소와 두부를 싸서 산뜻하게 먹어요."},
	{"나시고렝", asia, fowl | egg | rice | spicy | noon | evening | seafood, "향긋하게 볶은 밥이 여행 온 기분을 줘요."},
	{"치킨커리와 난", asia, fowl | dairy | flour | warming | hearty | share | noon | evening | winter | nuts, "향신료 향이 몸을 따뜻하게 해 줘요."},
	{"병아리콩커리", asia, vegan | rice | warming | hearty | noon | evening | winter | rainy, "콩이 듬뿍 든 카레가 속을 든든히 데워 줘요."},
	{"반미", asia, pork | flour | light | morning | noon | teatime | egg, "바삭한 빵에 채소가 아삭해요."},
	{"양고기케밥", asia, lamb | flour | hearty | noon | evening | late | dairy, "향긋한 고기를 빵에 싸서 간편해요."},
	{"팔라펠랩", asia, vegan | flour | light | noon | evening, "병아리콩 튀김과 채소를 말아 고소해요."},

	{"가정식 백반", korean, seafood | rice | hearty | kids | morning | noon | evening, "골고루 차린 반찬에 따뜻한 밥이 집밥 같아요."},
	{"전복죽", korean, seafood | rice | warming | light | kids | morning | sober | winter | rainy, "부드러운 죽이 속을 편안하게 채워 줘요."},
	{"호박죽", korean, vegan | warming | light | sweet | kids | morning | teatime | autumn | winter | snowy, "달큰하고 따뜻해서 속이 편해요."},
	{"단팥죽", korean, vegan | warming | sweet | morning | teatime | winter | snowy, "달콤하고 뜨끈해서 몸이 녹아요."},
	{"닭죽", korean, fowl | rice | warming | light | kids | morning | rainy | winter, "담백하고 순해서 속이 편안해요."},
	{"채소죽", korean, vegan | rice | warming | light | kids | morning | sober | rainy, "잘게 썬 채소로 끓여 순하고 부드러워요."},
	{"바지락칼국수", korean, soup | warming | seafood | noodle | flour | noon | evening | rainy | snowy, "개운한 바지락 국물에 면이 후루룩 넘어가요."},
	{"닭칼국수", korean, soup | warming | fowl | noodle | flour | hearty | kids | noon | evening | rainy | winter, "담백한 닭 육수가 순하고 든든해요."},
	{"들깨수제비", korean, soup | warming | seafood | flour | hearty | noon | evening | rainy | snowy, "쫄깃한 수제비와 고소한 국물이 포근해요."},
	{"잔치국수", korean, soup | warming | seafood | egg | noodle | flour | light | kids | morning | noon | rainy, "맑은 멸치 국물에 후루룩 먹기 좋아요."},
	{"비빔국수", korean, chilled | spicy | noodle | flour | light | egg | noon | summer, "새콤하고 매콤하게 입맛을 살려 줘요."},
	{"물냉면", korean, chilled | soup | beef | egg | noodle | light | noon | evening | summer | buckwheat, "살얼음 육수가 속까지 시원하게 해 줘요."},
	{"비빔냉면", korean, chilled | spicy | beef | egg | noodle | noon | evening | summer | buckwheat, "차고 매콤한 면이 지친 입맛을 깨워요."},
	{"막국수", korean, chilled | noodle | flour | light | seafood | noon | evening | summer | buckwheat, "구수한 메밀면이 시원하게 넘어가요."},
	{"콩국수", korean, chilled | vegan | noodle | flour | light | noon | evening | summer | nuts | seasonal, "차고 고소한 콩 국물이 속까지 시원해요."},
	{"비빔밥", korean, rice | egg | beef | spicy | noon | evening | spring, "갖은 나물을 한 그릇에 골고루 비벼 먹어요."},
	{"산채비빔밥", korean, vegan | rice | light | morning | noon | evening | spring, "향긋한 나물을 비벼 먹어 속이 편안해요."},
	{"콩나물밥", korean, vegan | rice | light | morning | noon | evening, "아삭한 콩나물에 양념장을 비벼 담백해요."},
	{"열무보리밥", korean, rice | light | chilled | noon | evening | summer | seafood | seasonal, "시원한 열무김치에 보리밥을 비벼 산뜻해요."},
	{"떡국", korean, soup | warming | beef | egg | kids | morning | noon | winter | snowy, "뽀얀 국물에 떡이 쫀득해서 따뜻해요."},
	{"소고기미역국", korean, soup | warming | beef | rice | light | kids | morning | noon | rainy | winter, "부드러운 미역국이 속을 편하게 데워 줘요."},

	{"제육도시락", box, pork | spicy | rice | hearty | noon | evening, "밥과 반찬을 한 번에 간편하게 챙겨요."},
	{"불고기도시락", box, beef | sweet | rice | hearty | kids | noon | evening, "달큰한 불고기와 반찬이 고루 담겨 있어요."},
	{"돈까스도시락", box, pork | crisp | heavy | flour | egg | rice | kids | noon, "바삭한 돈까스와 밥을 간편하게 먹어요."},
	{"연어구이도시락", box, seafood | rice | light | noon | evening, "담백하게 구운 연어에 채소 반찬이 고루 담겨 있어요."},
	{"닭가슴살도시락", box, fowl | rice | light | morning | noon | evening, "담백한 단백질로 가볍고 든든해요."},
	{"두부버섯도시락", box, vegan | rice | light | morning | noon | evening, "두부와 버섯이 고소하고 담백해요."},
	{"나물도시락", box, vegan | rice | light | morning | noon | evening | spring, "제철 나물 반찬이 고루 담겨 있어요."},
	{"치킨마요덮밥", box, fowl | crisp | egg | rice | kids | noon, "고소한 마요와 치킨이 밥과 잘 어울려요."},

	{"떡볶이", bunsik, spicy | seafood | flour | share | rainy | teatime | evening | late, "쫀득한 떡에 매콤달콤한 양념이 배어 있어요."},
	{"로제떡볶이", bunsik, dairy | spicy | flour | heavy | share | teatime | evening | late | seafood | pork, "부드러운 크림이 매운맛을 감싸 줘요."},
	{"궁중떡볶이", bunsik, beef | flour | kids | share | noon | teatime, "맵지 않은 간장 양념이라 함께 먹기 좋아요."},
	{"순대", bunsik, pork | drinks | share | teatime | evening | late, "쫄깃한 순대에 소금만 찍어도 맛있어요."},
	{"어묵탕", bunsik, soup | warming | seafood | drinks | share | rainy | snowy | winter | evening | late | flour, "김 오르는 국물이 손끝까지 녹여 줘요."},
	{"라면", bunsik, soup | warming | spicy | beef | egg | noodle | flour | rainy | snowy | evening | late, "꼬들한 면과 뜨끈한 국물이 확 당겨요."},
	{"참치김밥", bunsik, seafood | egg | rice | kids | morning | noon | pork, "한 줄이면 든든하고 들고 먹기 편해요."},
	{"야채김밥", bunsik, egg | rice | light | kids | morning | noon | spring | pork | seafood, "채소가 아삭해서 가볍게 먹기 좋아요."},
	{"두부김밥", bunsik, vegan | rice | light | kids | morning | noon, "두부와 채소만 넣어 담백하고 든든해요."},
	{"쫄면", bunsik, chilled | spicy | egg | noodle | flour | noon | teatime | summer, "쫄깃하고 새콤한 면이 기분까지 상쾌하게 해요."},
	{"김치전", bunsik, flour | seafood | crisp | drinks | share | rainy | teatime | evening, "지글지글 부친 전에 막걸리가 떠올라요."},
	{"해물파전", bunsik, flour | seafood | egg | crisp | drinks | share | rainy | evening, "노릇한 파전에 막걸리가 생각나요."},
	{"감자전", bunsik, vegan | crisp | kids | drinks | share | rainy | teatime | evening, "쫀득한 감자전을 간장에 콕 찍어 먹어요."},
	{"잡채", korean, beef | noodle | kids | share | noon | evening, "당면과 채소를 고루 볶아 나눠 먹기 좋아요."},
	{"찐만두", bunsik, pork | flour | warming | kids | share | snowy | winter | teatime | morning, "김 오르는 만두가 손부터 따뜻하게 해 줘요."},
	{"오므라이스", bunsik, egg | rice | dairy | kids | noon, "포근한 달걀옷에 아이들이 먼저 웃어요."},

	{"에그샌드위치", cafe, egg | dairy | flour | light | kids | morning | teatime, "부드러운 달걀이 가득해 속이 편해요."},
	{"베이글과 크림치즈", cafe, dairy | flour | light | morning | teatime, "쫀득한 베이글로 가볍게 시작해요."},
	{"아보카도토스트", cafe, vegan | flour | light | morning | teatime, "고소한 아보카도가 가볍고 든든해요."},
	{"그릭요거트볼", cafe, dairy | light | chilled | sweet | morning | teatime | summer | nuts, "과일과 그래놀라를 얹어 상큼해요."},
	{"과일컵", cafe, vegan | light | chilled | sweet | kids | morning | teatime | summer | spring, "제철 과일이라 상큼하게 입가심하기 좋아요."},
	{"오트밀볼", cafe, vegan | light | sweet | morning | winter | nuts, "견과와 과일을 얹어 속이 편해요."},
	{"팥빙수", cafe, dairy | chilled | sweet | kids | share | teatime | summer | nuts, "곱게 간 얼음이 입안에서 사르르 녹아요."},
	{"과일스무디", cafe, vegan | chilled | sweet | kids | light | morning | teatime | summer, "갈아 낸 과일이 시원하고 상큼해요."},
	{"크로플", cafe, dairy | egg | flour | sweet | kids | teatime, "겹겹이 바삭하고 달콤해요."},
	{"치즈케이크", cafe, dairy | egg | flour | sweet | teatime, "진한 한 조각이 기분을 달콤하게 해요."},
	{"붕어빵", cafe, flour | dairy | egg | sweet | kids | share | warming | teatime | late | winter | snowy | autumn | seasonal, "따끈한 팥이 손까지 녹여 줘요."},
	{"호떡", cafe, vegan | flour | crisp | sweet | warming | kids | share | teatime | winter | snowy | rainy | nuts, "달콤한 꿀이 흐르는 따끈한 간식이에요."},
	{"군고구마", cafe, vegan | sweet | warming | light | kids | share | morning | teatime | late | winter | snowy | autumn | seasonal, "달고 뜨끈해서 호호 불며 먹기 좋아요."},
	{"핫초코와 쿠키", cafe, dairy | egg | flour | sweet | warming | kids | teatime | winter | snowy | nuts, "따뜻하고 달콤하게 몸을 녹여 줘요."},
	{"티라미수", cafe, dairy | egg | flour | sweet | teatime, "부드러운 단맛이 기분을 풀어 줘요."},

	{"치즈버거", fast, beef | dairy | flour | heavy | kids | noon | evening | late, "고기와 치즈가 빠르게 배를 채워 줘요."},
	{"새우버거", fast, seafood | crisp | flour | egg | kids | noon | evening, "통통한 새우살이 바삭하게 씹혀요."},
	{"치킨버거", fast, fowl | crisp | heavy | flour | kids | noon | evening | late, "두툼한 닭고기가 바삭하고 든든해요."},
	{"콩고기버거", fast, vegan | flour | noon | evening, "고기 없이도 든든한 버거예요."},
	{"감자튀김", fast, vegan | crisp | kids | share | drinks | teatime | late, "바삭하고 짭조름해서 나눠 먹기 좋아요."},
	{"핫도그", bunsik, pork | crisp | flour | egg | sweet | kids | teatime | late, "바삭한 반죽에 소시지가 톡 터져요."},
	{"길거리토스트", fast, egg | dairy | flour | sweet | kids | morning | teatime, "달콤 짭짤한 토스트로 간단히 먹어요."},
	{"채소샌드위치", fast, vegan | flour | light | morning | noon, "아삭한 채소로 가볍게 챙겨 먹어요."},
	{"타코", fast, beef | dairy | spicy | flour | drinks | share | noon | evening, "손에 들고 매콤하게 즐기기 좋아요."},
	{"부리토", fast, beef | dairy | rice | flour | hearty | noon | evening, "고기와 밥을 든든하게 말았어요."},
}
