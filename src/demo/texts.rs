//! What the made-up issues say: general texts per category, without persons, numbers to call or
//! real events. {处} stands for a part of the enterprise.

use entity::enterprise_issue::IssueNature::{
    self, Complaint as COMPLAINT, Consult as CONSULT, Help as HELP, Report as REPORT,
    Suggestion as SUGGESTION,
};

/// One kind of issue.
pub(super) struct Template {
    pub(super) category: &'static str,
    pub(super) nature: IssueNature,
    /// The department that leads.
    pub(super) lead: &'static str,
    /// The department that helps, where it takes two.
    pub(super) co_department: Option<&'static str>,
    pub(super) title: &'static str,
    pub(super) body: &'static str,
}

/// Parts of an enterprise.
pub(super) const PLACES: [&str; 8] = [
    "生产车间",
    "研发部门",
    "门店",
    "仓储部门",
    "总部办公区",
    "物流中转点",
    "客服部门",
    "检验室",
];

/// What ends every text.
pub(super) const MARK: &str = "（演示数据）";

const fn t(
    category: &'static str,
    nature: IssueNature,
    (lead, co_department): (&'static str, Option<&'static str>),
    title: &'static str,
    body: &'static str,
) -> Template {
    Template {
        category,
        nature,
        lead,
        co_department,
        title,
        body,
    }
}

const fn one(code: &'static str) -> (&'static str, Option<&'static str>) {
    (code, None)
}

const fn two(
    code: &'static str,
    co_department: &'static str,
) -> (&'static str, Option<&'static str>) {
    (code, Some(co_department))
}

const HR: &str = "HUMAN_RESOURCES";
const TRADE: &str = "INDUSTRY_COMMERCE";
const DRC: &str = "DEVELOPMENT_REFORM";
const MARKET: &str = "MARKET_REGULATION";
const BUILD: &str = "HOUSING_CONSTRUCTION";
const SERVICES: &str = "GOVERNMENT_SERVICES";
const CITY: &str = "URBAN_MANAGEMENT";

/// Two or three per category.
#[rustfmt::skip]
pub(super) const TEMPLATES: [Template; 36] = [
    t("LABOUR", HELP, one(HR), "{处}用工缺口较大", "节后{处}返岗率不足，急需普工，希望协助对接招聘渠道。"),
    t("LABOUR", CONSULT, one(HR), "{处}灵活用工如何签订合同", "{处}拟采用灵活用工，咨询合同签订与备案要求。"),
    t("LABOUR", COMPLAINT, one(HR), "招聘平台信息审核不严", "{处}在合作平台招聘时遇到虚假应聘信息，请督促平台整改。"),
    t("FINANCE", HELP, two("FINANCE", DRC), "{处}扩产资金周转困难", "{处}扩产后回款周期变长，希望对接银行的中长期贷款。"),
    t("FINANCE", CONSULT, one("FINANCE"), "贷款贴息政策如何申报", "咨询{处}设备更新贷款是否可以申请贴息及所需材料。"),
    t("FINANCE", HELP, one("FINANCE"), "希望降低融资担保费用", "{处}新项目需要担保，现有担保费率偏高，希望协调。"),
    t("LAND_SPACE", HELP, two("PLANNING", BUILD), "{处}扩容缺少场地", "{处}现有场地已满，希望在区内寻找可租用的厂房或办公用房。"),
    t("LAND_SPACE", CONSULT, one("PLANNING"), "旧厂房改造手续咨询", "{处}拟改造旧厂房，咨询规划条件与报批流程。"),
    t("LAND_SPACE", HELP, two(BUILD, CITY), "园区{处}渗漏影响使用", "租用园区内{处}多处渗漏，产权方维修迟缓，请协调。"),
    t("TAX", CONSULT, one("TAX"), "研发费用加计扣除口径", "{处}项目支出能否计入研发费用，咨询归集口径。"),
    t("TAX", HELP, one("TAX"), "留抵退税办理进度较慢", "{处}已提交留抵退税申请，希望了解并加快进度。"),
    t("TAX", SUGGESTION, one("TAX"), "建议增加电子发票培训", "建议定期为{处}财务人员开展电子发票操作培训。"),
    t("SOCIAL_SECURITY", CONSULT, one(HR), "社保缓缴如何办理", "咨询{处}员工社保缓缴的条件、期限与办理方式。"),
    t("SOCIAL_SECURITY", HELP, one(HR), "稳岗补贴未按期到账", "已申请稳岗补贴，{处}所在主体尚未到账，请协助核查。"),
    t("SOCIAL_SECURITY", HELP, two(HR, "HEALTH"), "{处}工伤认定材料补正", "{处}工伤认定材料多次补正，希望一次性告知。"),
    t("TECH_IP", HELP, two(MARKET, TRADE), "{处}商标被仿冒", "发现市场上有仿冒{处}产品商标的商品，请指导维权。"),
    t("TECH_IP", CONSULT, one(TRADE), "高新技术企业认定辅导", "{处}准备申报高新技术企业，希望安排辅导。"),
    t("TECH_IP", REPORT, one(MARKET), "反映同行使用侵权包装", "{处}发现同行使用近似包装，提供线索请核查。"),
    t("TRADE_CUSTOMS", HELP, two(TRADE, "GOVERNMENT_OFFICE"), "{处}出口货物通关时间长", "{处}近期出口货物查验等待较久，希望协调口岸部门。"),
    t("TRADE_CUSTOMS", CONSULT, one(TRADE), "跨境电商备案流程", "{处}拟开展跨境电商业务，咨询备案与退税流程。"),
    t("TRADE_CUSTOMS", HELP, one(TRADE), "防疫物资进口缺少渠道", "{处}复工所需防疫物资不足，希望对接进口渠道。"),
    t("PERMIT", HELP, two(SERVICES, MARKET), "{处}许可证变更办理缓慢", "{处}地址变更后许可证同步变更时间较长，请协助。"),
    t("PERMIT", CONSULT, one(MARKET), "新增经营项目需要哪些许可", "{处}拟新增食品经营项目，咨询所需许可与材料。"),
    t("PERMIT", COMPLAINT, one(SERVICES), "窗口告知材料前后不一致", "{处}办事时两次告知的材料不同，造成往返，请改进。"),
    t("TRAFFIC_FACILITY", HELP, two(CITY, BUILD), "{处}周边公交班次偏少", "{处}员工通勤不便，希望增加早晚高峰公交班次。"),
    t("TRAFFIC_FACILITY", HELP, one(CITY), "{处}门前道路积水", "雨天{处}门前道路积水，货车进出困难，请协调疏通。"),
    t("TRAFFIC_FACILITY", SUGGESTION, one(CITY), "建议增设货车临时停车位", "建议在{处}附近设置限时货车停车位。"),
    t("SUPPLY_CHAIN", HELP, two(TRADE, DRC), "{处}上游原料供应中断", "受上游停产影响，{处}原料仅够一周，希望协助寻找替代供应商。"),
    t("SUPPLY_CHAIN", HELP, one(TRADE), "{处}物流车辆通行受限", "{处}跨区物流车辆通行受限，希望协助办理通行手续。"),
    t("TALENT", CONSULT, one(HR), "人才入户条件咨询", "{处}引进技术人员，咨询人才入户条件与流程。"),
    t("TALENT", HELP, two(HR, "HEALTH"), "{处}骨干子女入学安排", "{处}引进骨干的子女入学问题，希望协调。"),
    t("TALENT", HELP, two(BUILD, HR), "{处}员工缺少人才公寓", "{处}年轻员工住宿困难，希望申请人才公寓。"),
    t("PARTY_BUILDING", HELP, one("ORGANISATION"), "{处}党员活动场地不足", "{处}党支部缺少活动场地，希望共用街道党群服务中心。"),
    t("PARTY_BUILDING", SUGGESTION, one("ORGANISATION"), "建议组织联合主题党日", "建议结对企业联合开展主题党日，{处}可提供场地。"),
    t("OTHER", CONSULT, one("GOVERNMENT_OFFICE"), "惠企政策汇编在哪里查询", "希望获得适用于{处}的最新惠企政策汇编。"),
    t("OTHER", HELP, two(CITY, "HEALTH"), "{处}生活垃圾清运不及时", "{处}周边生活垃圾清运不及时，影响环境，请协调。"),
];

/// First contact.
pub(super) const CONTACTS: [&str; 3] = [
    "已与企业联系，核实诉求要点并约定办理时间。",
    "已上门了解情况，收集所需材料。",
    "已电话沟通，说明办理流程与时限。",
];
/// A step on the way.
pub(super) const STEPS: [&str; 4] = [
    "已会同相关单位现场查看，形成初步意见。",
    "已报送上级主管部门协调，等待书面意见。",
    "已提出办理方案，正在征求企业意见。",
    "方案已落实过半，预计按期办结。",
];
/// A question back.
pub(super) const QUESTIONS: [&str; 3] = [
    "请补充相关合同或申请材料的名称与提交日期。",
    "请说明涉及的具体地点和影响范围。",
    "请补充希望解决的时间要求与可接受的替代方案。",
];
/// The answer to it.
pub(super) const ANSWERS: [&str; 2] = ["已补充说明材料，请查收。", "已补充地点、范围与时间要求。"];
/// Replies that solved it.
pub(super) const SOLVED: [&str; 4] = [
    "经协调，问题已解决，企业已确认。",
    "已完成办理并指导企业享受相关政策。",
    "相关单位已整改到位，后续将定期回访。",
    "已对接资源并落实到位，如有新情况请及时反映。",
];
/// A reply that solved it in part.
pub(super) const PARTLY: &str = "已解决部分问题，其余事项正在推进，请企业评价。";
/// A reply that explains.
pub(super) const EXPLAINED: &str = "经核，该事项现行政策暂无支持条款，已向企业解释并提供替代建议。";
/// A reply that declines.
pub(super) const NOT_FEASIBLE: &str =
    "经核，受现行政策和现有条件限制，该诉求目前无法办理，已说明依据。";
/// Words with a good rating; most say nothing.
pub(super) const PRAISE: [&str; 3] = ["办理及时，沟通顺畅。", "流程清楚，效果不错。", "感谢协调。"];
/// Words with a low rating.
pub(super) const BLAME: [&str; 3] = [
    "问题只解决了一部分，希望继续跟进。",
    "答复较笼统，没有给出时间表。",
    "与期望有差距，请再协调。",
];
