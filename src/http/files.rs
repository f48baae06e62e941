//! The bytes of attachments, in and out: `PUT /uploads/{link}`, `GET /attachments/{link}`. The link
//! is the right; no token is asked for, and no link stands in the log.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use super::Served;
use super::answer::{Refusal, RequestId, set};
use super::request;
use crate::domain::attachment::transfer;
use crate::files::{Announced, Format, Refused};
use crate::kernel::catalogue::TopCode;
use crate::kernel::error::{Error, Result as Fallible};
use crate::store::Deps;
use entity::attachment::{AttachmentStatus, Model};

/// Takes the bytes of an upload.
pub(super) async fn upload(
    State(served): State<Arc<Served>>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let language = request::language(request.headers());
    match take(&served, request).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => {
            let mut answer = refusal.in_language(language).answer(&id);
            // What is left of the body is not read: the connection cannot go on.
            let close = HeaderValue::from_static("close");
            answer.headers_mut().insert(header::CONNECTION, close);
            answer
        }
    }
}

async fn take(served: &Served, request: Request) -> Result<(), Refusal> {
    if request.method() != Method::PUT {
        let refusal = Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            TopCode::BadRequest,
            "请使用 PUT 方法",
            "Use PUT.",
        );
        return Err(refusal.allowing("PUT"));
    }
    // Each holds a part of its file in memory.
    let crowded = || Refusal::from(Error::Unavailable("too many uploads at once".to_owned()));
    let _place = served.transfers.enter().ok_or_else(crowded)?;
    let deps = &served.app.deps;
    let link = link(&request);
    let Some(row) = transfer::awaited(deps, &link).await.map_err(told)? else {
        return Err(gone());
    };
    let _sender = served
        .transfers
        .of(row.uploaded_by_id)
        .ok_or_else(crowded)?;
    let Some(format) = Format::of(&row.media_type) else {
        return Err(Error::Internal("an upload of no type".to_owned()).into());
    };
    // Sent before, and the answer did not get through.
    if row.status == AttachmentStatus::Received {
        return Ok(());
    }
    let announced = Announced {
        format,
        size: u64::try_from(row.byte_size).unwrap_or(0),
        sha256: &row.sha256,
    };
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length != announced.size) {
        transfer::forget(deps, row.id).await.map_err(told)?;
        return Err(mismatch(&Refused::Size));
    }
    let bytes = steady(request.into_body(), served.options.body_timeout);
    let taken = deps.files.take(row.id, announced, bytes);
    let Ok(taken) = tokio::time::timeout(served.options.transfer_timeout, taken).await else {
        return Err(Refusal::new(
            StatusCode::REQUEST_TIMEOUT,
            TopCode::Timeout,
            "请求体发送过慢",
            "The body came too slowly.",
        ));
    };
    match taken {
        Ok(()) => settle(deps, &row).await,
        Err(Refused::Failed(error)) => Err(told(error)),
        // It may be sent again while it is awaited.
        Err(why @ Refused::Broken) => Err(mismatch(&why)),
        Err(why) => {
            transfer::forget(deps, row.id).await.map_err(told)?;
            Err(mismatch(&why))
        }
    }
}

/// A body as it comes, broken off where nothing comes for so long: a phone that lost its network
/// holds no place.
fn steady(body: Body, patience: Duration) -> BoxStream<'static, Result<Bytes, axum::Error>> {
    let next = move |mut bytes: BodyDataStream| async move {
        let chunk = match tokio::time::timeout(patience, bytes.next()).await {
            Ok(chunk) => chunk?,
            Err(stalled) => Err(axum::Error::new(stalled)),
        };
        Some((chunk, bytes))
    };
    futures_util::stream::unfold(body.into_data_stream(), next).boxed()
}

async fn settle(deps: &Deps, row: &Model) -> Result<(), Refusal> {
    if transfer::received(deps, row.id).await.map_err(told)? {
        return Ok(());
    }
    // Confirmed meanwhile, by the same bytes sent twice at once: they stay. What is over and has its
    // row yet is the sweep's.
    if !transfer::is_known(deps, row.id).await.map_err(told)? {
        deps.files.remove(row.id).await.map_err(told)?;
    }
    Err(gone())
}

/// The link at the end of an address.
fn link(request: &Request) -> String {
    let last = request.uri().path().rsplit('/').next();
    last.unwrap_or_default().to_owned()
}

fn told(error: Error) -> Refusal {
    if let Error::Internal(cause) | Error::Unavailable(cause) = &error {
        tracing::error!(cause, "a transfer failed");
    }
    error.into()
}

fn gone() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        TopCode::NotFound,
        "链接无效或已过期",
        "The link is not valid, or no longer.",
    )
}

fn mismatch(why: &Refused) -> Refusal {
    let (zh, en) = match why {
        Refused::Size => (
            "文件大小与声明不符",
            "The file has another size than was announced.",
        ),
        Refused::Hash => (
            "文件摘要与声明不符",
            "The file has another SHA-256 than was announced.",
        ),
        Refused::Type => (
            "文件内容与声明的类型不符",
            "The file is not of the type that was announced.",
        ),
        Refused::Broken | Refused::Failed(_) => {
            return Refusal::bad("文件未发送完整", "The file did not come to its end.");
        }
    };
    Refusal::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        TopCode::UploadMismatch,
        zh,
        en,
    )
}

/// Shows the bytes of an attachment.
pub(super) async fn download(
    State(served): State<Arc<Served>>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Response {
    let language = request::language(request.headers());
    match show(&served.app.deps, &link(&request)).await {
        Ok(Some(response)) => response,
        Ok(None) => gone().in_language(language).answer(&id),
        Err(error) => told(error).in_language(language).answer(&id),
    }
}

async fn show(deps: &Deps, link: &str) -> Fallible<Option<Response>> {
    let Some(row) = transfer::shown(deps, link).await? else {
        return Ok(None);
    };
    let bytes = deps.files.read(row.id).await?;
    let mut response = Body::from_stream(bytes).into_response();
    let headers = response.headers_mut();
    set(headers, header::CONTENT_TYPE, &row.media_type);
    set(headers, header::CONTENT_LENGTH, &row.byte_size.to_string());
    set(
        headers,
        header::CONTENT_DISPOSITION,
        &disposition(&row.file_name),
    );
    // Whatever it is, it runs nowhere.
    let policy = HeaderValue::from_static("sandbox; default-src 'none'");
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(Some(response))
}

/// The name to save it under (RFC 6266), in any script.
fn disposition(name: &str) -> String {
    let mut text = "attachment; filename*=UTF-8''".to_owned();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        assert_eq!(
            disposition("照片 1.jpg"),
            "attachment; filename*=UTF-8''%E7%85%A7%E7%89%87%201.jpg"
        );
        let bad = disposition("a\";b\r\nX: y.pdf");
        assert_eq!(
            bad,
            "attachment; filename*=UTF-8''a%22%3Bb%0D%0AX%3A%20y.pdf"
        );
    }
}
