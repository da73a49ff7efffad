//! Formats rows. No text in them can move the cursor or end a line.

use std::fmt::Write;

use autotest_report::sanitize;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::cell::Cell;
use super::engine::Table;
use crate::cli::Format;

/// Formats a table with its header, or as one JSON object a line.
pub(crate) fn print(table: &Table, format: Format) -> String {
    match format {
        Format::Text => text(table),
        Format::Json => json(table),
    }
}

/// Rounds a number to `digits` digits after the point; null if the cell is not a number.
pub(super) fn rounded(cell: &Cell, digits: i32) -> Cell {
    let factor = 10f64.powi(digits);
    let number = cell
        .as_real()
        .map(|number| (number * factor).round() / factor);
    number.map_or(Cell::Null, Cell::real)
}

fn text(table: &Table) -> String {
    let shown = |row: &Vec<Cell>| row.iter().map(shown).collect::<Vec<_>>();
    let header: Vec<String> = table
        .columns
        .iter()
        .map(|it| sanitize::single_line(it))
        .collect();
    let rows: Vec<Vec<String>> = table.rows.iter().map(shown).collect();
    let widths: Vec<usize> = (0..header.len())
        .map(|column| {
            let cells = rows
                .iter()
                .chain([&header])
                .filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let is_number = |column: usize| {
        let mut cells = table.rows.iter().filter_map(|row| row.get(column));
        cells.all(|cell| matches!(cell, Cell::Int(_) | Cell::Real(_) | Cell::Null))
    };
    let right: Vec<bool> = (0..header.len()).map(is_number).collect();
    let mut text = String::new();
    for row in [&header].into_iter().chain(&rows) {
        let mut line = String::new();
        for ((cell, width), right) in row.iter().zip(&widths).zip(&right) {
            let _ = match right {
                true => write!(line, "{cell:>width$}  "),
                false => write!(line, "{cell:<width$}  "),
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Int(number) => number.to_string(),
        Cell::Real(number) => number.to_string(),
        Cell::Text(text) => sanitize::single_line(text),
    }
}

fn json(table: &Table) -> String {
    let line = |cells: &Vec<Cell>| {
        let row = Row {
            columns: &table.columns,
            cells,
        };
        sanitize::json(&row).unwrap_or_default() + "\n"
    };
    table.rows.iter().map(line).collect()
}

/// A row as a JSON object, with the columns in order.
struct Row<'a> {
    columns: &'a [String],
    cells: &'a [Cell],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, cell) in self.columns.iter().zip(self.cells) {
            match cell {
                Cell::Null => map.serialize_entry(column, &())?,
                Cell::Int(number) => map.serialize_entry(column, number)?,
                Cell::Real(number) => map.serialize_entry(column, number)?,
                Cell::Text(text) => map.serialize_entry(column, text)?,
            }
        }
        map.end()
    }
}
