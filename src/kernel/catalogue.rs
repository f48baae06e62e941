//! Every code that an answer can carry, with what is said and what to do about it: the one list.
//! Errors, refusals, the query `errorCatalogue` and docs/errors.md draw from it.

use sea_orm::Iterable;

use super::error::{Code, Message};

/// One line of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The stable code, as it stands on the wire.
    pub code: &'static str,
    /// Whether the same request can succeed later, as it is.
    pub is_retryable: bool,
    /// What is said, in Chinese and in English, where a case has no words of its own.
    pub says: [&'static str; 2],
    /// What to do about it, in Chinese and in English.
    pub remedy: [&'static str; 2],
}

impl Entry {
    /// What is said.
    #[must_use]
    pub fn message(&self) -> Message {
        let [zh, en] = self.says;
        Message::new(zh, en)
    }
}

/// Whether a request of this code can succeed later, as it is.
const LATER: bool = true;
const NEVER: bool = false;

/// Declares the codes of top-level errors with their lines.
macro_rules! top_codes {
    ($($(#[$doc:meta])* $name:ident $code:literal $retry:ident
        $zh:literal $en:literal
        $remedy_zh:literal $remedy_en:literal)*) => {
        /// The code of a top-level error (`extensions.code`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, sea_orm::EnumIter)]
        pub enum TopCode { $($(#[$doc])* $name,)* }

        impl TopCode {
            /// How it stands on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                self.entry().code
            }

            /// Its line of the catalogue.
            #[must_use]
            pub const fn entry(self) -> Entry {
                match self {
                    $(Self::$name => Entry {
                        code: $code,
                        is_retryable: $retry,
                        says: [$zh, $en],
                        remedy: [$remedy_zh, $remedy_en],
                    },)*
                }
            }
        }
    };
}

top_codes! {
    /// The document is not GraphQL.
    ParseFailed "GRAPHQL_PARSE_FAILED" NEVER
        "查询语法有误" "The document is not well-formed GraphQL."
        "按错误位置改正语法" "Correct the syntax at the place that the error names."
    /// The document does not fit the schema.
    ValidationFailed "GRAPHQL_VALIDATION_FAILED" NEVER
        "查询与接口定义不符" "The document does not fit the schema."
        "对照 schema.graphql 改正字段、参数与类型" "Compare fields, arguments and types with schema.graphql."
    /// A value that the schema or the service cannot take.
    BadUserInput "BAD_USER_INPUT" NEVER
        "输入有误" "The input is not valid."
        "按错误说明改正变量或参数" "Correct the variable or argument that the error names."
    /// No operation to run.
    OperationUnresolved "OPERATION_RESOLUTION_FAILURE" NEVER
        "无法确定要执行的操作" "It is not clear which operation is to run."
        "每个文档只含一个操作，operationName 与其名称一致" "Send one operation, and its own name as operationName if any."
    /// A request that is not one of GraphQL over HTTP.
    BadRequest "BAD_REQUEST" NEVER
        "请求格式有误" "The request is not well-formed."
        "对照接口说明改正方法、请求头与请求体" "Correct the method, the headers or the body as the message says."
    /// A cursor of another list, filter or order.
    BadCursor "BAD_CURSOR" NEVER
        "分页游标无效或不属于此列表，请从第一页重新开始" "The cursor is not of this list, filter and order; start from the first page."
        "不带 after 与 before，从第一页重新开始" "Leave out after and before and start from the first page."
    /// A document that is asked for by its hash and is not registered.
    DocumentNotFound "PERSISTED_QUERY_NOT_FOUND" NEVER
        "未登记此查询" "No such document is registered for this client."
        "先用 honglian documents add 登记；不支持自动登记" "Register it with `honglian documents add`; there is no automatic registration."
    /// A free document of a client that may send registered ones only.
    DocumentNotTrusted "DOCUMENT_NOT_TRUSTED" NEVER
        "此客户端只能使用已登记的查询" "This client may only send registered documents."
        "发送 documentId；新查询须先登记" "Send a documentId; register new documents first."
    /// No valid token.
    Unauthenticated "UNAUTHENTICATED" NEVER
        "未登录或登录已失效，请重新登录" "Not signed in, or the token is no longer valid; sign in again."
        "取得新的访问令牌后重试" "Get a new access token and send the request again."
    /// A token past its end.
    TokenExpired "TOKEN_EXPIRED" NEVER
        "登录已过期，请重新登录" "The token has expired; sign in again."
        "刷新访问令牌后重试" "Refresh the access token and send the request again."
    /// The role may never do this.
    Forbidden "FORBIDDEN" NEVER
        "您的角色无权执行此操作" "Your role may not do this."
        "换用有权限的账号，或不再提供此功能" "Use an account whose role may; viewer.permissions lists what a role may."
    /// Nothing at this address.
    NotFound "NOT_FOUND" NEVER
        "未找到此地址" "There is nothing at this address."
        "接口地址为 /graphql" "The endpoint is /graphql."
    /// The operation would cost too much.
    CostLimitExceeded "COST_LIMIT_EXCEEDED" NEVER
        "查询开销超过单次上限" "The operation costs more than one operation may."
        "减小 first 或 last，或拆成几次查询" "Ask for smaller pages, or split the operation."
    /// The document is nested too deeply.
    DepthLimitExceeded "DEPTH_LIMIT_EXCEEDED" NEVER
        "查询嵌套过深" "The document is nested too deeply."
        "减少嵌套层数，分几次查询" "Ask for fewer levels at once."
    /// The document or the body is too large.
    DocumentTooLarge "DOCUMENT_TOO_LARGE" NEVER
        "查询过大或嵌套过深" "The document is too large or too deeply nested."
        "减少字段、别名与片段，数值放入变量" "Use fewer fields, aliases and fragments, and put values into variables."
    /// The budget is spent for now.
    RateLimited "RATE_LIMITED" LATER
        "请求过于频繁，请稍后重试" "Too much was asked for in a short time; try again after Retry-After."
        "等待 Retry-After 所示秒数后重试" "Wait as long as Retry-After says."
    /// The operation took too long.
    Timeout "TIMEOUT" LATER
        "处理超时，请缩小查询范围后重试" "The operation took too long; ask for less and try again."
        "缩小查询范围；写操作请用同一 Idempotency-Key 重试" "Ask for less; send a mutation again with the same Idempotency-Key."
    /// The bytes of an upload are not what was announced.
    UploadMismatch "UPLOAD_MISMATCH" NEVER
        "文件与声明不符" "The file is not what was announced."
        "重新 createUpload，按实际的大小、摘要与类型声明" "Call createUpload again, with the size, hash and type that the file has."
    /// Several operations in one request.
    BatchingDisabled "BATCHING_DISABLED" NEVER
        "不支持批量请求" "Batches are not taken; send one operation."
        "每个请求只发送一个操作" "Send one operation per request."
    /// A key that stands for another request.
    KeyReused "IDEMPOTENCY_KEY_REUSED" NEVER
        "此 Idempotency-Key 已用于另一请求" "This Idempotency-Key stands for another request."
        "每个新操作使用新的键，只有重试才用原键" "Use a new key for each new action; send the old one with retries only."
    /// The first request with the key still runs.
    KeyInProgress "IDEMPOTENCY_IN_PROGRESS" LATER
        "同一 Idempotency-Key 的请求正在处理" "A request with this Idempotency-Key is still running."
        "等待 Retry-After 所示秒数后用同一键重试" "Wait as long as Retry-After says and send it again with the same key."
    /// The database cannot be reached, or there is too much to do.
    Unavailable "SERVICE_UNAVAILABLE" LATER
        "服务暂时不可用，请稍后重试" "The service is not available at the moment; try again later."
        "等待 Retry-After 所示秒数后重试" "Wait as long as Retry-After says and send it again."
    /// A bug.
    Internal "INTERNAL_SERVER_ERROR" NEVER
        "服务器内部错误，请将请求编号告知管理员" "Internal error; give the request id to the operator."
        "将 requestId 告知管理员" "Give the requestId to the operator; the cause is in the server's log."
}

impl Code {
    /// Its line of the catalogue.
    #[must_use]
    pub const fn entry(self) -> Entry {
        let (code, says, remedy) = match self {
            Self::Required => (
                "REQUIRED",
                ["必填", "A value is required."],
                ["填写 field 所指的项", "Fill in what field points at."],
            ),
            Self::Invalid => (
                "INVALID",
                ["格式不正确", "The value is not valid."],
                [
                    "按 message 改正 field 所指的项",
                    "Correct what field points at as the message says.",
                ],
            ),
            Self::TooLong => (
                "TOO_LONG",
                ["内容过长", "The text is too long."],
                ["缩短至 params.max 个字符以内", "Shorten it to params.max."],
            ),
            Self::OutOfRange => (
                "OUT_OF_RANGE",
                ["超出允许范围", "The value is out of range."],
                [
                    "改为允许范围内的值，见 params",
                    "Choose a value within the range in params.",
                ],
            ),
            Self::Taken => (
                "TAKEN",
                ["已被占用", "The value is already in use."],
                [
                    "改用其他值，或使用已有记录",
                    "Choose another value, or use the row that has it.",
                ],
            ),
            Self::NotFound => (
                "NOT_FOUND",
                ["未找到", "Not found."],
                [
                    "核对 id；看不到的记录同样视为不存在",
                    "Check the id; what the viewer may not see counts as absent.",
                ],
            ),
            Self::Forbidden => (
                "FORBIDDEN",
                ["无权执行此操作", "You may not do this."],
                [
                    "由有权处理此记录的人办理",
                    "Let somebody do it whose row it is.",
                ],
            ),
            Self::StaleVersion => (
                "STALE_VERSION",
                [
                    "数据已被他人修改，请刷新后重试",
                    "The row has changed; reload it and try again.",
                ],
                [
                    "以返回的最新数据与版本号重新提交",
                    "Look at the current entity of the payload and send its version.",
                ],
            ),
            Self::InvalidState => (
                "INVALID_STATE",
                [
                    "当前状态不允许此操作",
                    "This is not possible in the current state.",
                ],
                [
                    "查看返回的当前状态与可执行操作",
                    "Look at the current entity of the payload for what is possible.",
                ],
            ),
            Self::LimitExceeded => (
                "LIMIT_EXCEEDED",
                ["超过政策上限", "A limit of the policy is reached."],
                [
                    "先结束其他记录，或由区里调整政策",
                    "End something else first, or have the district change its policy.",
                ],
            ),
            Self::DependencyExists => (
                "DEPENDENCY_EXISTS",
                [
                    "仍有生效的关联数据",
                    "Something still in force depends on it.",
                ],
                [
                    "先结束 params.dependency 所指的关联",
                    "End what params.dependency names first.",
                ],
            ),
        };
        Entry {
            code,
            is_retryable: NEVER,
            says,
            remedy,
        }
    }
}

/// The codes of top-level errors, in the order of the catalogue.
pub fn top_level() -> impl Iterator<Item = Entry> {
    TopCode::iter().map(TopCode::entry)
}

/// The codes of `userErrors`, in the order of the catalogue.
pub fn of_users() -> impl Iterator<Item = Entry> {
    Code::iter().map(Code::entry)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use async_graphql::resolver_utils::enum_value;

    use super::*;

    #[test]
    fn a_code_of_the_schema_is_spelt_as_in_the_catalogue() {
        for code in Code::iter() {
            let spelt = async_graphql::Value::from(async_graphql::Name::new(code.entry().code));
            assert_eq!(enum_value(code), spelt);
        }
    }

    #[test]
    fn every_line_is_complete_and_no_code_stands_twice() {
        for (entries, count) in [
            (top_level().collect::<Vec<_>>(), TopCode::iter().count()),
            (of_users().collect(), Code::iter().count()),
        ] {
            let codes: BTreeSet<_> = entries.iter().map(|entry| entry.code).collect();
            assert_eq!(codes.len(), count);
            for entry in entries {
                let ([zh, en], [remedy_zh, remedy_en]) = (entry.says, entry.remedy);
                assert!(!zh.is_ascii() && !remedy_zh.is_ascii(), "{entry:?}");
                for english in [en, remedy_en] {
                    assert!(english.is_ascii() && english.ends_with('.'), "{entry:?}");
                }
                assert!(
                    !zh.ends_with('。') && !remedy_zh.ends_with('。'),
                    "{entry:?}"
                );
            }
        }
    }
}
