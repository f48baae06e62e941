//! Enterprise issues (企业诉求): from a draft to an answer that the enterprise rates.

pub mod lifecycle;
