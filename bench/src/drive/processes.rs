//! What processes have used, as Linux tells it.

use std::fs;

use anyhow::{Context, Result};

/// Clock ticks of a second: what Linux shows to all programs, whatever it counts by itself.
const TICKS: f64 = 100.0;

/// The fields of a process's line after its name.
fn fields(process: u32) -> Option<Vec<u64>> {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, after) = line.rsplit_once(')')?;
    let fields = after.split_whitespace().skip(1);
    Some(fields.map(|field| field.parse().unwrap_or(0)).collect())
}

fn seconds(fields: &[u64], places: std::ops::RangeInclusive<usize>) -> f64 {
    let ticks: u64 = fields.get(places).unwrap_or_default().iter().sum();
    // So many ticks are exact.
    u32::try_from(ticks).map_or(f64::INFINITY, f64::from) / TICKS
}

/// The seconds of processor time of a process.
pub fn used(process: u32) -> Result<f64> {
    let fields = fields(process).with_context(|| format!("no process {process}"))?;
    Ok(seconds(&fields, 10..=11))
}

/// The same of a process and its children, those that have ended included.
pub fn used_by_all(parent: u32) -> Result<f64> {
    let own = fields(parent).with_context(|| format!("no process {parent}"))?;
    let mut all = seconds(&own, 10..=13);
    for entry in fs::read_dir("/proc")?.flatten() {
        let Ok(process) = entry.file_name().to_string_lossy().parse() else {
            continue;
        };
        if let Some(fields) = fields(process)
            && fields.first() == Some(&u64::from(parent))
        {
            all += seconds(&fields, 10..=11);
        }
    }
    Ok(all)
}

/// The most memory that a process has had, in MB.
pub fn peak_memory(process: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u32>().ok());
    Ok(f64::from(kilobytes.context("no VmHWM")?) / 1024.0)
}
