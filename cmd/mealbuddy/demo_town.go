package main

import (
	"time"

	"github.com/Group-buying-service/mealbuddy/domain/party"
	"github.com/Group-buying-service/mealbuddy/domain/user"
)

// demoPassword opens every account of the demo.
const demoPassword = "password123"

type demoPerson struct {
	email user.Email
	name  string
	place string
}

type demoPost struct {
	by       string
	ago      time.Duration
	category party.Category
	title    string
	content  string
	seats    int
	with     []string // who joined, in this order
	closed   bool
	talk     []demoSaid
}

type demoSaid struct{ by, words string }

const (
	yongdam = "제주특별자치도 제주시 용담이동"
	naei    = "경상남도 밀양시 내이동"
	yeoksam = "서울특별시 강남구 역삼동"
)

// demoPeople live in three neighbourhoods; the first is the one to sign in as.
var demoPeople = []demoPerson{
	{"test@test.com", "test", yongdam},
	{"haneul@example.com", "하늘", yongdam},
	{"minji@example.com", "민지", yongdam},
	{"junho@example.com", "준호", yongdam},
	{"seoyeon@example.com", "서연", yongdam},
	{"badaro@example.com", "바다로", yongdam},
	{"gamgyul@example.com", "감귤한상자", yongdam},
	{"dohyun@example.com", "도현", yongdam},
	{"yerin@example.com", "예린", yongdam},
	{"yaksik@example.com", "야식단장", yongdam},
	{"milyang@example.com", "밀양토박이", naei},
	{"eungyo@example.com", "은교", naei},
	{"jiwoo@example.com", "지우", yeoksam},
	{"taeyang@example.com", "태양", yeoksam},
}

const (
	minutes = time.Minute
	hours   = time.Hour
	days    = 24 * time.Hour
)

// demoPosts are the board, the oldest first.
var demoPosts = []demoPost{
	{"야식단장", 9 * days, "족발,보쌈", "족발 대자 셋이서 나눠요", "앞다리 대자에 막국수까지 시킬게요. 정확히 셋이서 나누고 싶어요.", 3, []string{"준호", "도현"}, false, []demoSaid{
		{"야식단장", "대자 하나에 막국수 추가했어요"}, {"준호", "좋아요. 얼마씩 드리면 될까요?"}, {"야식단장", "배달비까지 1만 6천원씩이에요"}, {"도현", "보냈습니다!"},
	}},
	{"감귤한상자", 8*days + 3*hours, "카페,디저트", "케이크 한 판 같이 살 사람", "생크림 케이크 1호가 최소주문이라 혼자는 무리예요.", 4, []string{"예린", "민지"}, true, nil},
	{"하늘", 8 * days, "중식", "짜장면 세 그릇부터 배달이래요", "저는 간짜장이요. 두 분만 더 계시면 바로 시켜요.", 3, []string{"test", "서연"}, false, []demoSaid{
		{"test", "저는 그냥 짜장이요"}, {"서연", "짬뽕으로 부탁드려요"}, {"하늘", "30분 걸린대요 :)"},
	}},
	{"도현", 7*days + 5*hours, "피자", "라지 두 판 1+1 행사", "오늘까지 1+1이라 네 명이 반 판씩 먹으면 딱 좋아요.", 4, []string{"바다로", "준호", "예린"}, false, nil},
	{"서연", 7 * days, "분식", "떡볶이 2인분 이상 주문", "순한맛 좋아하시는 분이면 더 좋아요.", 2, []string{"민지"}, false, nil},
	{"바다로", 6*days + 8*hours, "돈까스,회,일식", "모둠회 중자 같이 드실 분", "광어랑 우럭 반반이에요. 용담 해안도로 근처에서 나눌게요.", 4, []string{"야식단장", "감귤한상자", "도현"}, true, nil},
	{"준호", 6 * days, "치킨", "후라이드 반 양념 반", "축구 보면서 먹을 치킨 나눠 시켜요.", 4, []string{"야식단장", "도현", "하늘"}, false, []demoSaid{
		{"준호", "후반전 시작 전에 도착할 것 같아요"}, {"하늘", "콜라는 제가 가져갈게요"}, {"야식단장", "무 많이 달라고 해 주세요"},
	}},
	{"예린", 5*days + 7*hours, "양식", "파스타 두 개부터 배달", "크림이랑 로제 하나씩 시킬 예정이에요.", 2, []string{"서연"}, false, nil},
	{"민지", 5*days + 2*hours, "백반,죽,국수", "전복죽 같이 시켜요", "몸살 기운이 있어서 죽이 당겨요. 배달비만 나눠요.", 3, nil, true, nil},
	{"밀양토박이", 5 * days, "백반,죽,국수", "돼지국밥 두 그릇", "내이동 시장 근처예요. 국밥 한 그릇은 배달이 안 된대요.", 2, []string{"은교"}, false, nil},
	{"감귤한상자", 4*days + 9*hours, "찜,탕,찌개", "갈치조림 중자", "둘이 먹기엔 많고 넷이 먹으면 딱이에요.", 4, []string{"하늘", "준호"}, true, nil},
	{"야식단장", 4*days + 4*hours, "고기구이", "구워 주는 삼겹살 배달", "1인분씩은 안 파는 곳이라 같이 시켜요. 쌈채소 넉넉해요.", 5, []string{"도현", "준호", "바다로", "하늘"}, false, nil},
	{"지우", 4 * days, "도시락", "점심 도시락 다섯 개 이상 무료배달", "역삼역 3번 출구 쪽에서 받아요. 메뉴는 각자 고르시면 됩니다.", 6, []string{"태양"}, true, nil},
	{"하늘", 3*days + 10*hours, "아시안", "쌀국수 먹고 싶은 날", "양지 쌀국수 시킬 건데 분짜도 같이 나눠 먹어요.", 3, []string{"예린", "민지"}, false, nil},
	{"도현", 3*days + 6*hours, "패스트푸드", "버거 세트 배달비 나눠요", "각자 세트 하나씩만 골라 주세요.", 4, []string{"test"}, true, nil},
	{"서연", 3*days + 3*hours, "카페,디저트", "크로플 최소주문 같이 채워요", "아이스크림 올린 걸로 두 개만 더 있으면 돼요.", 3, []string{"감귤한상자", "예린"}, false, nil},
	{"준호", 3 * days, "찜,탕,찌개", "김치찌개 2인분", "혼자 2인분은 남겨서요. 밥은 따로 시켜야 해요.", 2, []string{"바다로"}, false, nil},
	{"태양", 2*days + 12*hours, "치킨", "퇴근하고 치맥", "역삼동 원룸촌입니다. 매운맛 괜찮은 분이면 좋아요.", 4, []string{"지우"}, false, nil},
	{"민지", 2*days + 9*hours, "중식", "마라탕 같이 시켜요 (2단계)", "재료 각자 고르고 한 그릇씩 받아요. 배달비 4천원 나눠요.", 4, []string{"서연", "예린", "하늘"}, false, []demoSaid{
		{"민지", "다들 맵기 2단계 괜찮으세요?"}, {"예린", "저는 1단계로 부탁드려요"}, {"민지", "네 따로 적어 둘게요"},
	}},
	{"test", 2*days + 6*hours, "피자", "포테이토 피자 반 판", "한 판은 많아서 반씩 나눌 분 찾아요.", 2, []string{"준호"}, false, nil},
	{"은교", 2*days + 4*hours, "분식", "김밥이랑 라볶이", "배달비가 음식값만큼 나와서 같이 시켜요.", 3, nil, false, nil},
	{"바다로", 2*days + 2*hours, "족발,보쌈", "보쌈 소자는 배달이 안 돼서", "중자로 시켜서 둘이 나눠요.", 2, []string{"감귤한상자"}, false, nil},
	{"예린", 2 * days, "도시락", "샐러드 도시락 정기배송 나눠요", "일주일치 다섯 개가 한 묶음이에요. 두세 개씩 나눠요.", 3, []string{"민지"}, true, nil},
	{"야식단장", 40 * hours, "돈까스,회,일식", "연어 덮밥 야식", "밤 열한 시까지 하는 집이에요. 세 그릇부터 배달비가 없어요.", 3, []string{"하늘", "test"}, false, nil},
	{"감귤한상자", 34 * hours, "양식", "리조또랑 샐러드", "각자 하나씩 시키고 샐러드는 나눠 먹어요.", 3, nil, false, nil},
	{"하늘", 30 * hours, "고기구이", "양념갈비 3인분부터", "밥이랑 된장찌개는 서비스로 주신대요.", 3, []string{"도현"}, false, nil},
	{"준호", 27 * hours, "아시안", "나시고랭 드셔 보신 분?", "새로 생긴 집인데 혼자 시키기엔 최소주문이 높네요.", 3, nil, false, nil},
	{"서연", 25 * hours, "패스트푸드", "감자튀김 산처럼 먹을 분", "라지 세 개 행사해요. 버거는 각자.", 4, []string{"예린", "도현", "민지"}, false, nil},
	{"도현", 22 * hours, "백반,죽,국수", "고기국수 네 그릇", "비 오는 날엔 고기국수죠. 용담 로터리에서 받아서 나눌게요.", 4, []string{"바다로", "감귤한상자"}, false, []demoSaid{
		{"바다로", "수육도 작은 거 하나 추가할까요?"}, {"도현", "좋습니다. 나눠 낼게요"},
	}},
	{"민지", 20 * hours, "카페,디저트", "도넛 한 더즌", "여섯 개씩 나눌 분 찾아요. 맛은 반반 골라요.", 2, []string{"예린"}, false, nil},
	{"test", 16 * hours, "찜,탕,찌개", "부대찌개 중자 같이 드실 분", "라면 사리 두 개 넣을 거예요. 용담이동 주민센터 근처입니다.", 4, []string{"야식단장", "서연"}, false, []demoSaid{
		{"test", "안녕하세요! 일곱 시쯤 시키려고요"}, {"야식단장", "좋아요. 햄 많이 넣어 달라고 해 주세요"}, {"서연", "저는 조금 늦을 수 있어요. 먼저 드세요"}, {"test", "네, 따로 담아 둘게요 :)"},
	}},
	{"지우", 12 * hours, "아시안", "똠얌꿍 점심", "회사 앞에서 나눠요. 향신료 괜찮으신 분만!", 3, nil, false, nil},
	{"바다로", 9 * hours, "피자", "치즈 두 배 피자", "두 판 시키면 배달비가 없대요. 넷이서 반 판씩.", 4, []string{"준호"}, false, nil},
	{"예린", 7 * hours, "분식", "매운 떡볶이 + 주먹밥", "매운 거 잘 드시는 분 환영해요. 튀김은 나눠 먹어요.", 3, []string{"하늘"}, false, nil},
	{"야식단장", 5 * hours, "족발,보쌈", "불족발 세트", "불족발이랑 계란찜 세트예요. 셋이 모이면 바로 주문합니다.", 3, []string{"도현"}, false, nil},
	{"감귤한상자", 3 * hours, "돈까스,회,일식", "초밥 열두 피스 두 판", "한 판씩 드실 분. 점심 특선이라 두 시 전에 시켜야 해요.", 2, nil, false, nil},
	{"서연", 2 * hours, "도시락", "제육 도시락 배달비 나눠요", "반찬 든든한 집이에요. 각자 하나씩 골라요.", 4, []string{"민지", "test"}, false, []demoSaid{
		{"서연", "메뉴 정하시면 여기 적어 주세요"}, {"민지", "저는 제육 곱빼기요"},
	}},
	{"하늘", 70 * minutes, "중식", "탕수육 소자는 2인부터", "찍먹입니다. 부먹이신 분은 소스 따로 드릴게요.", 3, nil, false, nil},
	{"준호", 35 * minutes, "고기구이", "닭갈비 2인분 이상", "우동 사리랑 치즈 추가해요. 볶음밥까지 먹을 사람!", 4, []string{"바다로", "예린"}, false, nil},
	{"민지", 12 * minutes, "치킨", "치킨 같이 시켜요, 4명", "두 마리 세트 시키면 배달비가 무료예요. 순살로 할게요.", 4, []string{"하늘", "test"}, false, []demoSaid{
		{"민지", "순살 후라이드랑 간장 반반 어떠세요?"}, {"하늘", "좋아요!"},
	}},
	{"도현", 4 * minutes, "카페,디저트", "아이스 아메리카노 다섯 잔", "다섯 잔부터 배달해 준대요. 지금 두 잔 확정이에요.", 5, nil, false, nil},
}
