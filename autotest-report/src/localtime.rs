//! Local time and UTC, from libc, which knows the target's time zone.

/// A date and time in the local time zone, or in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// The year, such as 2026.
    pub year: i32,
    /// From 1.
    pub month: i32,
    /// From 1.
    pub day: i32,
    /// 0 to 23.
    pub hour: i32,
    /// 0 to 59.
    pub minute: i32,
    /// 0 to 60: a minute may have a leap second.
    pub second: i32,
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Converts to libc's `time_t`, which is generic here because its name is deprecated for musl; it has 32 bits on some
/// targets. A time that does not fit becomes 0.
fn as_time<T: TryFrom<i64> + Default>(timestamp: i64) -> T {
    T::try_from(timestamp).unwrap_or_default()
}

impl LocalTime {
    /// The local time for a number of seconds since 1970 UTC.
    #[expect(unsafe_code, reason = "the time zone is libc's to know")]
    pub fn at(timestamp: i64) -> LocalTime {
        let time = as_time(timestamp);
        // SAFETY: `tm` is plain old data, for which all-zero bytes are a value; localtime_r writes to
        // the place that it is given and keeps no pointer.
        LocalTime::from(unsafe {
            let mut tm: libc::tm = std::mem::zeroed();
            libc::localtime_r(&raw const time, &raw mut tm);
            tm
        })
    }

    /// The same in UTC.
    #[expect(unsafe_code, reason = "the calendar is libc's to know")]
    pub fn utc(timestamp: i64) -> LocalTime {
        let time = as_time(timestamp);
        // SAFETY: as above, for gmtime_r.
        LocalTime::from(unsafe {
            let mut tm: libc::tm = std::mem::zeroed();
            libc::gmtime_r(&raw const time, &raw mut tm);
            tm
        })
    }

    fn from(tm: libc::tm) -> LocalTime {
        LocalTime {
            year: tm.tm_year + 1900,
            month: tm.tm_mon + 1,
            day: tm.tm_mday,
            hour: tm.tm_hour,
            minute: tm.tm_min,
            second: tm.tm_sec,
        }
    }

    /// The format for file names: `YYYY-MM-DD_HH.MM.SS`.
    pub fn in_file_name(self) -> String {
        let (date, [hour, minute, second]) = (self.date(), self.time());
        format!("{date}_{hour}.{minute}.{second}")
    }

    /// The format for JUnit's XML: RFC 3339 with milliseconds. The time must be in UTC.
    pub fn in_xml(self, millis: i64) -> String {
        format!("{}.{millis:03}+00:00", self.in_iso())
    }

    /// The format of ISO 8601 without a time zone: `YYYY-MM-DDTHH:MM:SS`.
    pub fn in_iso(self) -> String {
        let (date, [hour, minute, second]) = (self.date(), self.time());
        format!("{date}T{hour}:{minute}:{second}")
    }

    fn date(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    fn time(self) -> [String; 3] {
        [self.hour, self.minute, self.second].map(|part| format!("{part:02}"))
    }

    /// The format for the status log: `%b %d %H:%M:%S` with the months of the C locale (formats §2).
    pub fn in_status_log(self) -> String {
        let month = usize::try_from(self.month - 1)
            .ok()
            .and_then(|month| MONTHS.get(month));
        let LocalTime {
            day,
            hour,
            minute,
            second,
            ..
        } = self;
        format!(
            "{} {day:02} {hour:02}:{minute:02}:{second:02}",
            month.unwrap_or(&"???")
        )
    }
}
