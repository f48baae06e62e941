//! A document that was found valid once is not validated again: the schema does not change while the
//! server runs, and what can change, the variables, the `guard` has looked at.

use std::sync::Arc;

use async_graphql::async_trait::async_trait;
use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation};
use async_graphql::{CacheControl, ServerError, ValidationResult};

/// Says of a request that its document is valid.
pub struct Validated;

/// What leaves out the validation of such a request.
pub(super) struct Once;

impl ExtensionFactory for Once {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_trait]
impl Extension for Once {
    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        if ctx.data_opt::<Validated>().is_none() {
            return next.run(ctx).await;
        }
        // Nobody reads the numbers: the guard has its own.
        Ok(ValidationResult {
            cache_control: CacheControl::default(),
            complexity: 0,
            depth: 0,
        })
    }
}
