"""What a reader of reports knows of their places: which county, and what the place is to the report."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from routing.areas import AreaTree
from routing.finding.folding import fold
from routing.finding.places import PlaceReader

CONFIG = Path(__file__).parents[3] / "config"
MOST_CHARACTERS = 12_000
MOST_SECONDS = 0.25


@pytest.fixture(scope="module")
def reader() -> PlaceReader:
    return PlaceReader.load(CONFIG)


@pytest.fixture(scope="module")
def areas() -> AreaTree:
    return AreaTree.load(CONFIG / "areas.csv")


def told(reader: PlaceReader, areas: AreaTree, text: str) -> set[str]:
    """The places of a text as "role full name"; "?" before what stays ambiguous."""
    return {
        f"{place.role} {'?' if place.candidates else ''}{name(areas, place.code)}" for place in reader.read(fold(text))
    }


def name(areas: AreaTree, code: str) -> str:
    path = [area.name for area in map(areas.get, areas.ancestors(code)) if area]
    return "".join(reversed(path)) or code


ONE_PLACE = {
    # A town of the county before it, though another county has one whose name ends as this is written.
    "叶县昆阳镇宾馆前台，有人带两个女孩开房": "河南省平顶山市叶县",
    # The county, where the text allows it.
    "人现在关在深圳宝安一个仓库": "广东省深圳市宝安区",
    "甘肃省定西市岷县有人卖女孩": "甘肃省定西市岷县",
    "山东临沂沂水县的砖厂里有人跑出来": "山东省临沂市沂水县",
    "临沧镇康县 一家足疗店": "云南省临沧市镇康县",
    "人在新疆和田墨玉": "新疆维吾尔自治区和田地区墨玉县",
    "四川凉山布拖，女娃15岁": "四川省凉山彝族自治州布拖县",
    "湖北省天门市，有个小孩没人管": "湖北省天门市",
    "海南陵水一个小区，门锁着": "海南省陵水黎族自治县",
    "东莞长安镇一家电子厂扣身份证": "广东省东莞市",
    "我在内蒙古赤峰松山，放羊的老板不让走": "内蒙古自治区赤峰市松山区",
    # A district that many cities have, where its city is told beside it or elsewhere.
    "北京朝阳区劲松一个地下室": "北京市朝阳区",
    "长春朝阳区桂林路的按摩店": "吉林省长春市朝阳区",
    "在鼓楼区，我们是徐州的，快来": "江苏省徐州市鼓楼区",
    "白云区那个黑作坊还在开。广州的": "广东省广州市白云区",
    "眉山东坡 饭店后厨有个孩子": "四川省眉山市东坡区",
    "太原小店有个断手的孩子讨钱": "山西省太原市小店区",
    # Towns, with or without their kind, tell their county.
    "被关在隆回桃洪镇的一栋楼": "湖南省邵阳市隆回县",
    "舟山沈家门码头停着一条船": "浙江省舟山市普陀区",
    "温州瑞安塘下的鞋厂": "浙江省温州市瑞安市",
    # A prefecture and the city in it that have one name: the city, unless the kind is written.
    "人在云南大理，出不来": "云南省大理白族自治州大理市",
    "人在大理州，出不来": "云南省大理白族自治州",
    "我在武汉地铁上，有人拉着孩子走": "湖北省武汉市",
    "푸순현 골짜기 안쪽에 갇혀 있습니다": "辽宁省抚顺市抚顺县",
    "Em bị nhốt ở huyện Phủ Thuận, Liêu Ninh": "辽宁省抚顺市抚顺县",
    # Stations, airports, ports, crossings, markets.
    "孩子在北京西站二楼不见了": "北京市丰台区",
    "昆明火车站旁边的旅馆里关着人": "云南省昆明市官渡区",
    "白云机场到达厅有个孩子": "广东省广州市白云区",
    "孟定口岸今晚有人接": "云南省临沧市耿马傣族佤族自治县",
    "人在磨憨，身上没有证件": "云南省西双版纳傣族自治州勐腊县",
    "畹町那边有人带路": "云南省德宏傣族景颇族自治州瑞丽市",
    "我在五台山脚下开农家院，沟里锁着一个人": "山西省忻州市五台县",
    "三坊七巷边上有孩子跪着讨钱": "福建省福州市鼓楼区",
    "在三和人才市场招人，给钱就走": "广东省深圳市龙华区",
    "二连浩特口岸有个蒙古国女孩在哭": "内蒙古自治区锡林郭勒盟二连浩特市",
    # Former names and codes lead to today's.
    "被骗到襄樊做小姐": "湖北省襄阳市",
    "毕节地区纳雍县有人拐孩子": "贵州省毕节市纳雍县",
    "她在思茅的歌厅": "云南省普洱市思茅区",
    # Other spellings of Chinese.
    "從廣西東興帶過來的，現在關在順德": "广东省佛山市顺德区",
    "wo zai shenzhen longgang, men suo le": "广东省深圳市龙岗区",
    "bei guan zai liu zhou liu nan jiu ming": "广西壮族自治区柳州市柳南区",
    "云 南 瑞 丽 救 命": "云南省德宏傣族景颇族自治州瑞丽市",
    "救\u200b我 在义\u200b乌": "浙江省金华市义乌市",
    # Only a number tells.
    "打来的座机是0574-87654321，说关在船厂": "浙江省宁波市",
    "我弟用零八七七开头的座机打的": "云南省玉溪市",
    # English.
    "I am held in a karaoke bar in Ruili, Yunnan": "云南省德宏傣族景颇族自治州瑞丽市",
    "they lock us in at night, factory in Yiwu": "浙江省金华市义乌市",
    "girls sold in a village in Fang county": "湖北省十堰市房县",
    "three of us in Hengyang county, doors locked": "湖南省衡阳市衡阳县",
    "a child was left at Kunming railway station": "云南省昆明市官渡区",
    # Streets and pedestrian streets of a county are in it; a road called after it is not.
    "吉水街上讨钱那个娃": "江西省吉安市吉水县",
    "上饶信州步行街的长椅上躺着一个小姑娘": "江西省上饶市信州区",
    # Counties whose names are common words too, where a word leads to a place.
    "他去大冶找活，走了九天电话关机": "湖北省黄石市大冶市",
    "我表妹被卖到行唐了": "河北省石家庄市行唐县",
    "昨天在万荣把娃抱走的": "山西省运城市万荣县",
    "我在西宁学护理，昨天回家，妹妹被我爸卖给互助一户人家": "青海省海东市互助土族自治县",
    "手机定位停在霞山 求求你们": "广东省湛江市霞山区",
    # What everybody in a city knows.
    "沈阳西塔一家歌厅，签证早过期了": "辽宁省沈阳市和平区",
    "天津古文化街摆摊，隔壁的孩子没人管": "天津市南开区",
    "bar street sanlitun, girl says she is 16": "北京市朝阳区",
    "boy lost at Beijing South station an hour ago": "北京市丰台区",
    # Vietnamese without marks.
    "em bi nhot o bang tuong, nha chong mua em, cuu em": "广西壮族自治区崇左市凭祥市",
    "chi toi bi ban sang ha nam, nguoi ta danh chi": "河南省",
    "nanny locked in a flat, Jing'an, Shanghai": "上海市静安区",
    # Other scripts, by table or by ear.
    "Tôi đang bị nhốt ở Bằng Tường, Quảng Tây": "广西壮族自治区崇左市凭祥市",
    "bi nhot o Dong Hung, cuu em": "广西壮族自治区防城港市东兴市",
    "Em ở huyện Thành Vũ, Sơn Đông": "山东省菏泽市成武县",
    "ฉันถูกขังอยู่ที่เมืองล้า": "云南省西双版纳傣族自治州勐腊县",
    "ช่วยด้วย ถูกขัง อยู่หนานหนิง": "广西壮族自治区南宁市",
    "ຂ້ອຍຢູ່ຊຽງຮຸ່ງ ຖືກຂັງ": "云南省西双版纳傣族自治州景洪市",
    "ຖືກຂັງຢູ່ ຊິນຮວາ. ຊ່ວຍແດ່": "湖南省娄底市新化县",
    "ถูกขัง อยู่สวีโจว ช่วยด้วย": "江苏省徐州市",
    "ជួយផង ខ្ញុំនៅ ឈានចូវ": "福建省泉州市",
    "ជួយផង ខ្ញុំនៅ ជូចូវ": "湖南省株洲市",
    "ချုပ်ထားတယ်။ တန်ရှန်း။": "安徽省宿州市砀山县",
    "ຖືກຂັງຢູ່ໂປໂຈ ແຂວງອານຮຸຍ": "安徽省亳州市",
    "ຊ່ວຍແດ່ ຢູ່ເປີຍໄຫ່": "广西壮族自治区北海市",
    "ချုပ်ထားတယ် ရွှေလီမှာ": "云南省德宏傣族景颇族自治州瑞丽市",
    "ပိတ္ထားတယ္ က်န္ခန္ မွာ": "云南省临沧市镇康县",
    "ပေကျင်းမှာ ချုပ်ထားတယ်": "北京市",
    "ជួយផង ខ្ញុំនៅហ្វូសាន": "广东省佛山市",
    "심양 노래방에 갇혀 있어요": "辽宁省沈阳市",
    "악양시 공장에 갇혀 있어요": "湖南省岳阳市",
    "ฉันถูกขังอยู่ที่ยวี่ซี ช่วยด้วย": "云南省玉溪市",
    "ຂ້ອຍຖືກຂັງຢູ່ເຈິ້ນສຽງ ຊ່ວຍແດ່": "云南省昭通市镇雄县",
    "ខ្ញុំជាប់នៅវ៉ឺនចូវ សុំជួយ": "浙江省温州市",
    "ကျွန်မ ထိန်ချုံးမှာ ပိတ်ခံထားရတယ်": "云南省保山市腾冲市",
    "톈진 아파트에 갇혔어요": "天津市",
    "Заперли в сауне в Харбине": "黑龙江省哈尔滨市",
    "Держат на складе в Иу": "浙江省金华市义乌市",
    "Эрээнд цоожилсон, тусална уу": "内蒙古自治区锡林郭勒盟二连浩特市",
    # A river, a dish and the like are called after a county, but not where one of its towns is named.
    "人被关在东兴江平": "广西壮族自治区防城港市东兴市",
    # Of names that sound alike, the one in the division beside it.
    "ช่วยด้วย อันฮุย ซูโจว": "安徽省宿州市",
    "ถูกขังที่เถี่ยซี เสิ่นหยาง": "辽宁省沈阳市铁西区",
    "안후이성 쑤저우에서 못 나가요": "安徽省宿州市",
    "Держат в Сучжоу, провинция Аньхой": "安徽省宿州市",
    "ဟီးလုံကျန်း ကျီရှီ မှာ": "黑龙江省鸡西市",
    # Spellings that differ by the place of a tone, a doubled sound, a silent letter.
    "Em bị nhốt ở Thụy Lệ, cứu em": "云南省德宏傣族景颇族自治州瑞丽市",
    "Em bị nhốt ở Thuỵ Lệ, cứu em": "云南省德宏傣族景颇族自治州瑞丽市",
    "ខ្ញុំជាប់នៅណានីង": "广西壮族自治区南宁市",
    "ถูกขายที่หวยหัว": "湖南省怀化市",
    "ถูกขังอยู่เหยียนจี๋": "吉林省延边朝鲜族自治州延吉市",
    "ຖືກຂັງຢູ່ສືເຈຍຈວງ": "河北省石家庄市",
    "ခေါ်သွားတယ် ဖောရှန်မှာ": "广东省佛山市",
    "ဖူယန်းမှာ ပိတ်ထားတယ်": "安徽省阜阳市",
    "ខ្ញុំនៅហ្ស៊ូហៃ": "广东省珠海市",
    "루이리에 갇혀 있어요": "云南省德宏傣族景颇族自治州瑞丽市",
    "하북성 청룡현에 있어요": "河北省秦皇岛市青龙满族自治县",
    # Hardly a word but the name.
    "o thuy le": "云南省德宏傣族景颇族自治州瑞丽市",
    "em bi ban o binh tuong": "广西壮族自治区崇左市凭祥市",
    # The kind of a county, typed as it sounds, is not Xi'an.
    # A county whose name is a word in pinyin too, where its kind is written.
    "a girl is locked in a house in Hukou county": "江西省九江市湖口县",
    "bei guan zai Guide xian, qiu ni": "青海省海南藏族自治州贵德县",
    # What the text says it does not mean.
    "太和 不是安徽那个 是锦州的太和 有个十二岁的捡料": "辽宁省锦州市太和区",
    "鼓楼区有人卖孩子，不是南京的鼓楼，是徐州那个": "江苏省徐州市鼓楼区",
    # Names of cities abroad that hold a county's.
    "被锁在多伦多的一个地下室": "CA",
    "关在金沙萨一个矿上": "CD",
    # The new town of a county is not another county.
    "云阳新县城滨江路有人卖婴儿": "重庆市云阳县",
    "北川新县城的安置楼里锁着一个女人": "四川省绵阳市北川羌族自治县",
    "河南信阳新县城关镇有人卖孩子": "河南省信阳市新县",
    "她被关在新县城里": "河南省信阳市新县",
    # A market is no dish.
    "就在高州菜市场卖孩子": "广东省茂名市高州市",
    # Mongolian cases, longer than the name would allow in Russian.
    "Эрээнээс зугтсан охин байна": "内蒙古自治区锡林郭勒盟二连浩特市",
    # A church lies where its name says.
    "심양 교회에 피해 여성이 있어요": "辽宁省沈阳市",
    # Ports and crossings.
    "Ганцмод дээр байна, тусална уу": "内蒙古自治区巴彦淖尔市乌拉特中旗",
    "ຂ້ອຍຢູ່ມໍ່ຮ່ານ": "云南省西双版纳傣族自治州勐腊县",
    "we are kept in Wanding": "云南省德宏傣族景颇族自治州瑞丽市",
    # Counties as their language writes Chinese names by rule, with the kind behind or without.
    "상하이 민항구에 갇혀 있어요": "上海市闵行区",
    "선전시 난산구에서 못 나가요": "广东省深圳市南山区",
    "산둥성 칭다오시 청양구 식당에 갇혀 있어요": "山东省青岛市城阳区",
    "허쩌 시골에 팔려 왔어요": "山东省菏泽市",
    "They keep us locked in a flat in Minhang": "上海市闵行区",
    # What the tables know is not heard once more as something else, nor with the word for its kind.
    "Эгч маань Тайюаньд түгжээтэй байна": "山西省太原市",
    "พี่สาวถูกขังอยู่เจียงซี": "江西省",
    "ကျွန်မကို ဟီနန်ပြည်နယ်က လူကြီးဆီ ရောင်းလိုက်တယ်": "河南省",
    # A vowel that the table drops still belongs to the name, so that the case behind it tells the role.
    "Нэг танил нь Шанхайд байгаа": "上海市",
    # No name begins with the end of a syllable.
    "လင်ချန်းမှာ စာသင်တဲ့ ဆရာမကို ပိတ်ထားတယ်": "云南省临沧市",
    # What is said in quotes is said of a place; what is called so is none.
    "Он сказал «приезжай в Урумчи», теперь она там заперта": "新疆维吾尔自治区乌鲁木齐市",
    # Border towns and ports of both sides.
    "Нас держат в карьере под Иркештамом": "新疆维吾尔自治区克孜勒苏柯尔克孜自治州乌恰县",
    "ຖືກຂັງຢູ່ເມັງລ້າ": "云南省西双版纳傣族自治州勐腊县",
    "ខ្ញុំជាប់នៅគ័ងស៊ី": "广西壮族自治区",
    "Em trai tôi bị nhốt ở Bà Vẹt": "KH",
    "मुझे हाइकोउ में बंद रखा है": "海南省海口市",
    "مجھے ارومچی میں بند کیا ہے": "新疆维吾尔自治区乌鲁木齐市",
}


@pytest.mark.parametrize("text", ONE_PLACE)
def test_the_place_of_a_report_is_the_lowest_division_that_it_tells(
    reader: PlaceReader, areas: AreaTree, text: str
) -> None:
    occurrences = {place for place in told(reader, areas, text) if place.startswith("occurrence ")}
    assert occurrences == {"occurrence " + ONE_PLACE[text]}


NO_PLACE = [
    # Common words and first names that sound like a county.
    "매장에서 일하는데 사장이 월급을 안 줘요",
    "광산에서 다쳤는데 치료비를 안 줘요",
    "Аня, перешли маме",
    "горячая линия? против чего?",
    "Дондов, Янжин хоёр утсаа авахгүй",
    "ຢາກໃຫ້ຄົນມາສອນແດ່",
    "ကုန် ၁၀ ကီလို မှာယူရန် စာပို့",
    "หนูอยู่ที่สองปี",
    "ຂ້ອຍຢູ່ນີ້ສີ່ປີ ຢູ່ກາງປ່າ",
    "Читал роман «Красный Шанхай»",
    "지금 미장원",
    # The middle, which is no province.
    "ខ្ញុំរង់ចាំនៅកណ្តាលផ្លូវ",
    "我叫张秀山，你们帮帮我",
    "王海南说他不知道",
    "那个叫李文山的人贩子又来了",
    "孩子叫张家港，五岁",
    "老板姓高，叫高平",
    "中介就是陈兰考",
    "在海口路上有个孩子要饭",
    "她在兰州拉面馆洗碗",
    "楼下那家沙县小吃用童工",
    "毕业于湘潭大学",
    "那个外号“小上海”的女人带人来",
    "微信名叫“厦门阿May”",
    "会所叫“韩国首尔印象”",
    "桥洞口有个娃娃",
    "一个旧手机被抢了",
    "今天等到半夜也没人来",
    "平安 勿念",
    "孩子掉进天鹅湖边的水沟里了",
    "当地资源很多，就是没人管",
    "地主和农民和好了",
    "厂长安排我们上夜班",
    "楼道里有人哭",
    "棉花都摘完了还不发钱",
    "进了兴业皮具当学徒",
    "骑一辆嘉陵摩托跑了",
    "在石灰窑里干活的都是傻子",
    "车身上写着大美青海",
    "墙上刷着平安广西",
    "金山银山也换不回我儿子",
    "光明正大地卖孩子",
    "宝山叔把门打开我才跑出来的",
    "黄梅把我骗来的，她是我同学",
    "通道被锁了，着火跑不出去",
    "邻里互助会的人来过",
    "bang wo, fangzi li you ren da wo",
    "weixin bu neng yong, lianxi bu shang",
    "they keep our hukou book and our phones",
    "我公安局也去过了",
    "他们前进的方向不对",
    "开着大众车走的",
    "听口音像是说云南话",
    "老公打我，要把孩子卖掉",
    "孩子在超市门口被抱走了",
    "He said we go on Sunday and I long for home",
    "ถูกขังในห้อง ไม่มีใครช่วย",
    "Помогите, нас бьют каждый день",
    "방에 갇혀서 사진을 찍혔어요, 시간이 없어요",
    "Байна уу, тусална уу, намайг зодсон байна",
    "Хоёр жилийн өмнө, сангийн хүн намайг авч явсан",
    "사장이 동생 전화를 뺏고 지난달부터 가뒀어요",
    "저는 박지현입니다 도와주세요",
    "Манай найман настай хүү алга болсон",
    "em bi ban sang hai nam roi, cuu em",
    "သူ ဗိုက်ကို ကန်တယ်",
    "ນາງຖືກພາມາເປັນເມຍ ສອງປີ ໜີອອກມາ",
    "เพจนี้หาสาวๆ ไปนวด",
    "ДОЛГ ПОТОМ отдадим",
    "My name is Thuy Le, they took my passport",
]


@pytest.mark.parametrize("text", NO_PLACE)
def test_a_name_inside_another_name_or_word_is_no_place(reader: PlaceReader, areas: AreaTree, text: str) -> None:
    assert told(reader, areas, text) == set()


ROLES = {
    "他们把我从河口带到蒙自": {
        "transit 云南省红河哈尼族彝族自治州河口瑶族自治县",
        "occurrence 云南省红河哈尼族彝族自治州蒙自市",
    },
    "她是贵州毕节人，被卖到安徽阜阳临泉": {"origin 贵州省毕节市", "occurrence 安徽省阜阳市临泉县"},
    "被关在东莞，老家四川达州": {"occurrence 广东省东莞市", "origin 四川省达州市"},
    "弟弟在缅甸妙瓦底，我们家在湖南邵东": {"occurrence MM", "origin 湖南省邵阳市邵东市"},
    "面包车刚过柳州，往桂林方向走": {"occurrence 广西壮族自治区柳州市", "destination 广西壮族自治区桂林市"},
    "今晚要把人带去瑞丽，现在在昆明": {
        "destination 云南省德宏傣族景颇族自治州瑞丽市",
        "occurrence 云南省昆明市",
    },
    # Where those who do the harm come from, how they speak and what they are called tells none; where they do it does.
    "Сын в Мьявади, начальник там, сам из Лунъяня, бьёт его": {"occurrence MM"},
    "Хозяин вывез меня из Читы и держит в Харбине": {"origin RU", "occurrence 黑龙江省哈尔滨市"},
    "Con tôi bị nhốt ở Bà Vẹt, quản lý nói tiếng Quảng Châu": {"occurrence KH"},
    "ຖືກຂັງຢູ່ບໍ່ແກ້ວ ຫົວໜ້າເປັນຄົນຊຽງຮຸ່ງ": {"occurrence LA"},
    "ถูกขังที่เมียวดี หัวหน้าเป็นคนเซี่ยงไฮ้": {"occurrence MM"},
    "프놈펜에 갇혀 있어요. 사장은 하얼빈 사람입니다": {"occurrence KH"},
    "사장은 칭다오에서 우리를 가두고 때립니다": {"occurrence 山东省青岛市"},
    "저는 하얼빈 사람입니다. 단동에 갇혀 있어요": {"origin 黑龙江省哈尔滨市", "occurrence 辽宁省丹东市"},
    # Who somebody is tells no place, beside one that is told; where somebody comes from does.
    "新来的越南新娘锁在沈丘的家里": {"occurrence 河南省周口市沈丘县"},
    "老家越南的新娘锁在沈丘的家里": {"origin VN", "occurrence 河南省周口市沈丘县"},
    "越南新娘被锁起来了": {"origin VN"},
    # Nor does a whole province, or a country among those of an offer.
    "那人说去云南打工，现在关在义乌": {"occurrence 浙江省金华市义乌市"},
    "Internships in Laos and Cambodia were offered, now held in Wuhan": {"occurrence 湖北省武汉市"},
    "女儿从绵阳上的车，经西安，最后定位在洛阳": {
        "transit 四川省绵阳市",
        "transit 陕西省西安市",
        "occurrence 河南省洛阳市",
    },
    "我在上海打工，我弟弟被骗到廊坊": {"occurrence 河北省廊坊市"},
    "我们去郑州找过，孩子是在商丘丢的": {"occurrence 河南省商丘市"},
    "我们是云南广南的，她回来以后没有户口": {"occurrence 云南省文山壮族苗族自治州广南县"},
    "I am from Nepal, held in a flat in Guangzhou": {"origin NP", "occurrence 广东省广州市"},
    "Two Kenyan girls are kept in Yuexiu, Guangzhou": {"occurrence 广东省广州市越秀区"},
    "Chị tôi quê Nghệ An, bị bán sang Tất Tiết, Quý Châu": {"origin VN", "occurrence 贵州省毕节市"},
    "มาจากเชียงราย ถูกขังอยู่ที่คุนหมิง": {"origin TH", "occurrence 云南省昆明市"},
    "저는 함경북도 무산에서 왔습니다. 지금 연길에 갇혀 있습니다": {
        "origin KP",
        "occurrence 吉林省延边朝鲜族自治州延吉市",
    },
    "ကျွန်တော် မန္တလေးမှာ နေတာပါ။ အခု ကူမင်းကနေ ထွက်မရဘူး": {"origin MM", "occurrence 云南省昆明市"},
    "Я из Казахстана, держат в Урумчи": {"origin KZ", "occurrence 新疆维吾尔自治区乌鲁木齐市"},
}


@pytest.mark.parametrize("text", ROLES)
def test_the_words_around_a_place_tell_what_it_is_to_the_report(
    reader: PlaceReader, areas: AreaTree, text: str
) -> None:
    assert told(reader, areas, text) == ROLES[text]


SET_APART = {
    # Where it was not, whatever was said or heard.
    "我们不是在西安，我们在咸阳乾县，三个人锁在养猪场": "陕西省咸阳市乾县",
    "他说人在深圳，其实根本没去深圳，是被卖到了博白": "广西壮族自治区玉林市博白县",
    "人在太仓，你们上次给写成了南通": "江苏省苏州市太仓市",
    "说好的是去杭州的电子厂，结果车开到了长治沁源的煤矿": "山西省长治市沁源县",
    "说去北京当保姆，到了保定就没信了，手机一直关机": "河北省保定市",
    # Where a family searched in vain.
    "儿子在西安丢的，我们去过郑州、武汉、广州，都没找着": "陕西省西安市",
    "前年去福建莆田采过血，没比中。女儿在贵港平南丢失": "广西壮族自治区贵港市平南县",
    "听说曹县有人像我哥，去看了不是。他是在濮阳范县走丢的": "河南省濮阳市范县",
    # What others are, own, or did elsewhere.
    "看守我们的两个福建人有枪，我们关在珠海": "广东省珠海市",
    "老板娘是湖南的，逼我们接客，在中山": "广东省中山市",
    "一个四川的男人把我妹带走，现在人在焉耆": "新疆维吾尔自治区巴音郭楞蒙古自治州焉耆回族自治县",
    "孩子在阜阳被抱走，一辆江西的牌照的车": "安徽省阜阳市",
    "看新闻说徐州丰县那个铁链女，蒙城县我们村也有一个": "安徽省亳州市蒙城县",
    "他爸在东莞打工，孩子在固始被人领走": "河南省信阳市固始县",
    "我在凯里读卫校，我表妹被锁在从江一户人家": "贵州省黔东南苗族侗族自治州从江县",
    # Whoever deals in people, guards them, or was there with the victim.
    "老板福清口音，把我们关在三楼，这里是惠来": "广东省揭阳市惠来县",
    "船长是荣成人，打人，船停在象山石浦": "浙江省宁波市象山县",
    "带头的操一口重庆话，把我妹从毕节大方带走了": "贵州省毕节市大方县",
    "人贩子老家是驻马店的，现在藏在邯郸磁县": "河北省邯郸市磁县",
    "包工头王某，商丘人，工地在克拉玛依": "新疆维吾尔自治区克拉玛依市",
    "死了一个四川的，他们拿雪埋了，窑在吕梁交口": "山西省吕梁市交口县",
    "有个跑出来的四川人说里面还有六个，窑在临汾蒲县": "山西省临汾市蒲县",
    "One boss is from Fuqing, we are held in Linyi, Shandong": "山东省临沂市",
    "The manager speaks with a Sichuan accent, we are locked in Ruili": "云南省德宏傣族景颇族自治州瑞丽市",
    "我是上海的志愿者，帮一个大姐发的，她孩子前天在渠县丢的": "四川省达州市渠县",
    "我在广州打工，村里有个女的被锁着，在光山": "河南省信阳市光山县",
    "他骗我说厂子在苏州，到了才发现是泗阳的一个黑作坊": "江苏省宿迁市泗阳县",
    "父亲沿着铁路，徐州、郑州、西安一站一站问，妹妹在灵宝走散": "河南省三门峡市灵宝市",
    "这人以前在漳浦开过网吧，现在关着人的地方是惠来": "广东省揭阳市惠来县",
}


@pytest.mark.parametrize("text", SET_APART)
def test_a_place_that_is_only_set_apart_is_not_named(reader: PlaceReader, areas: AreaTree, text: str) -> None:
    named = reader.named(fold(text))
    assert [name(areas, one.codes[0]) for one in named] == [SET_APART[text]]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("孩子不是在西安吗", "陕西省西安市"),
        ("在郑州被人带走的，老家周口", "河南省郑州市"),
        ("我在西安读书，被室友骗去陪酒，老家宝鸡", "陕西省西安市"),
        ("我们把武川境内问遍了，她在武川丢的", "内蒙古自治区呼和浩特市武川县"),
        ("我去过郑州", "河南省郑州市"),
        ("中介说她是毕节人，卖到了临泉", "贵州省毕节市"),
        ("老板把毕节来的两个娃关在惠来", "贵州省毕节市"),
        ("The boss took her from Bijie to Linyi, she is locked in", "贵州省毕节市"),
        ("她在杭州，不是桐庐，让人锁着", "浙江省杭州市桐庐县"),
    ],
)
def test_the_only_place_that_tells_of_the_victim_is_kept(
    reader: PlaceReader, areas: AreaTree, text: str, place: str
) -> None:
    assert place in {name(areas, one.codes[0]) for one in reader.named(fold(text))}


@pytest.mark.parametrize(
    "text", ["在朝阳区一个地下室，出不去", "鼓楼区有人拐孩子", "白云区有黑工厂", "和平区那个足浴店"]
)
def test_a_district_of_many_cities_stays_ambiguous_with_its_candidates(reader: PlaceReader, text: str) -> None:
    (place,) = reader.read(fold(text))
    assert place.code == ""
    assert len(place.candidates) > 1


def test_candidates_of_one_city_share_it_as_the_code(reader: PlaceReader, areas: AreaTree) -> None:
    (place,) = reader.read(fold("wo bei guan zai yulin"))
    assert {name(areas, code) for code in place.candidates} == {"陕西省榆林市", "广西壮族自治区玉林市"}


@pytest.mark.parametrize(
    ("former", "today"),
    [
        ("居巢区", "安徽省合肥市巢湖市"),
        ("巢湖市居巢区", "安徽省合肥市巢湖市"),
        ("巢湖市和县", "安徽省马鞍山市和县"),
        ("巢湖含山", "安徽省马鞍山市含山县"),
        ("崇文区", "北京市东城区"),
        ("杭州下城区", "浙江省杭州市拱墅区"),
        ("达县", "四川省达州市达川区"),
        ("宿县", "安徽省宿州市埇桥区"),
        ("宜宾县", "四川省宜宾市叙州区"),
        ("路南县", "云南省昆明市石林彝族自治县"),
        ("丽江县", "云南省丽江市古城区"),
        ("九寨沟南坪县", "四川省阿坝藏族羌族自治州九寨沟县"),
    ],
)
def test_a_former_name_means_the_division_that_took_it_over(
    reader: PlaceReader, areas: AreaTree, former: str, today: str
) -> None:
    assert told(reader, areas, f"有人被关在{former}一个砖厂") == {f"occurrence {today}"}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("She is locked in a factory in Canton", {"occurrence 广东省广州市"}),
        ("they sold her in Swatow", {"occurrence 广东省汕头市"}),
        ("my sister is locked in a house in Amoy, help", {"occurrence 福建省厦门市"}),
        ("two girls are beaten in a brothel in Foochow", {"occurrence 福建省福州市"}),
        ("we are not paid at the brickyard near Tientsin", {"occurrence 天津市"}),
        ("a child was taken in Kweilin", {"occurrence 广西壮族自治区桂林市"}),
        ("Canton", {"occurrence 广东省广州市"}),
        ("my friend Canton Smith is missing", set()),
        ("Mr. Canton told me to come to Kunming", {"occurrence 云南省昆明市"}),
        ("in the canton of Zurich a woman is forced to work", set()),
        ("the Swiss canton called us", set()),
        ("a girl is sold in Canton, Ohio", set()),
        ("they sell Szechuan sauce and hit us", set()),
        ("banyak amoy dijual ke sana", set()),
        ("a trader at Chungking Mansions locked me in", set()),
    ],
)
def test_a_postal_spelling_is_a_place_but_not_where_it_is_another_word(
    reader: PlaceReader, areas: AreaTree, text: str, places: set[str]
) -> None:
    assert told(reader, areas, text) == places


@pytest.mark.parametrize(
    "text",
    [
        "所在地：花都区狮岭，户籍地：广西都安县",
        '{"所在地":"花都区狮岭","户籍地":"广西壮族自治区都安县"}',
    ],
)
def test_what_a_form_asks_before_a_colon_tells_what_a_place_is(reader: PlaceReader, areas: AreaTree, text: str) -> None:
    assert told(reader, areas, text) == {
        "occurrence 广东省广州市花都区",
        "origin 广西壮族自治区河池市都安瑶族自治县",
    }


def test_an_identity_number_tells_a_home_where_nothing_else_tells_a_place(reader: PlaceReader, areas: AreaTree) -> None:
    assert told(reader, areas, "她身份证号是522401199600000000") == set()
    assert told(reader, areas, "她身份证号是522401199605060000") == {"origin 贵州省毕节市七星关区"}
    assert told(reader, areas, "人在贵阳，身份证522401199605060000") == {"occurrence 贵州省贵阳市"}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("0755-8288xxxx 打来的 救我", {"occurrence 广东省深圳市"}),
        ("0871 3300 0000 被关在屋里", {"occurrence 云南省昆明市"}),
        ("座机（0755）8288 0000 打来哭", {"occurrence 广东省深圳市"}),
        ("她用零八七一三三零零零零零零打来，说被关着", {"occurrence 云南省昆明市"}),
        ("她从0871-33****打来哭", {"occurrence 云南省昆明市"}),
        ("call me back at +86 755 8288 0000, locked in", {"occurrence 广东省深圳市"}),
        ("locked in, the phone here is 0755-82880000", {"occurrence 广东省深圳市"}),
        ("身份证5101开头的女孩被关", {"origin 四川省成都市"}),
        ("身份证是51开头的女孩被关", {"origin 四川省"}),
        ("女孩被关，522401开头的身份证", {"origin 贵州省毕节市七星关区"}),
        ("身份证号530102xxxxxxxx0021，被关着", {"origin 云南省昆明市五华区"}),
        ("身份证 510104199*****123X 被关着", {"origin 四川省成都市锦江区"}),
        ("身份证5301**********0021被扣", {"origin 云南省昆明市"}),
        ("人在贵阳，身份证5101开头，座机0755-8288xxxx", {"occurrence 贵州省贵阳市"}),
    ],
)
def test_numbers_with_digits_left_out_or_in_groups_tell_a_place_where_nothing_else_does(
    reader: PlaceReader, areas: AreaTree, text: str, places: set[str]
) -> None:
    assert told(reader, areas, text) == places


@pytest.mark.parametrize(
    "text",
    [
        "打13800000000这个电话",
        "打138 0000 xxxx这个电话",
        "打+86 138 0000 0000",
        "0138 0000 0000打来",
        "138****0000打来的",
        "银行卡6222 02** **** 0000被拿走",
        "卡号510104********0000被拿走",
        "010-2345-0000 으로 전화해 주세요 갇혀 있어요",
        "hubungi 0812-3456-0000, saya dikurung",
        "hubungi 081234560000, saya dikurung",
        "ໂທ 020 5555 0000 ຂ້ອຍຖືກຂັງ",
        "gọi 0912 345 000, em bị nhốt",
        "+84 871 330 0000 gọi em",
    ],
)
def test_a_number_of_a_mobile_or_of_anything_else_tells_no_place(
    reader: PlaceReader, areas: AreaTree, text: str
) -> None:
    assert told(reader, areas, text) == set()


def test_the_span_of_a_place_in_zawgyi_is_in_the_text_as_it_was_written(reader: PlaceReader) -> None:
    text = "ကူမင္းမွာ ပိတ္ထားတယ္"
    (place,) = reader.read(fold(text))
    assert text[place.start : place.end] == "ကူမင္း"


def test_the_span_of_a_place_is_in_the_text_as_it_was_written(reader: PlaceReader) -> None:
    text = "👧 她在雲·南 瑞\u200b麗，快！"
    (place,) = reader.read(fold(text))
    assert text[place.start : place.end] == "雲·南 瑞\u200b麗"


@pytest.mark.parametrize(
    "piece",
    [
        "朝阳区",
        "“朝阳”",
        "朝 阳 ",
        "去北京的",
        "zhang an ",
        "0877-20123450 ",
        "หนิงเต๋อ ",
        "ก",
        "ເ",
        "в Харбин ",
        "선양에서 ",
    ]
    + [
        "ิ",
        "ကျန်းကျန်း ",
        "ហ្វូយ៉ាង",
        "تائی یوان ",
        "卖到我他她",
        "在那个",
        "《",
        "Quảng Châu ",
        "2013年",
        "က\u1039ေက",
        "ျ",
        "푸순현 ",
    ],
)
def test_no_text_takes_longer_than_a_quarter_of_a_second(reader: PlaceReader, piece: str) -> None:
    folded = fold((piece * MOST_CHARACTERS)[:MOST_CHARACTERS])
    quickest = min(_seconds(reader, folded) for _ in range(3))
    assert quickest < MOST_SECONDS


def _seconds(reader: PlaceReader, folded) -> float:  # type: ignore[no-untyped-def]
    start = time.thread_time()
    reader.read(folded)
    return time.thread_time() - start
