/**
 * Parses and formats the dates of HTTP fields (RFC 9110 §5.6.7).
 *
 * @module
 */

//     HTTP-date    = IMF-fixdate / obs-date                  RFC 9110 §5.6.7
//     IMF-fixdate  = day-name "," SP day SP month SP year SP time-of-day SP GMT
//     obs-date     = rfc850-date / asctime-date
//
// The name of the day is not compared with the date.
const month = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
const time = "(\\d{2}):(\\d{2}):(\\d{2})";
const imfFixdate = new RegExp(
  `^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\\d{2}) ${month} (\\d{4}) ${time} GMT$`,
);
const rfc850Date = new RegExp(
  `^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\\d{2})-${month}-(\\d{2}) ${time} GMT$`,
);
const asctimeDate = new RegExp(
  `^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${month} (\\d{2}| \\d) ${time} (\\d{4})$`,
);

/** Milliseconds since 1970, or undefined where it is no date. */
export function parseHttpDate(text: string): number | undefined {
  const imf = imfFixdate.exec(text);
  if (imf) return timeOf(imf[3], imf[2], imf[1], imf.slice(4));
  const rfc850 = rfc850Date.exec(text);
  if (rfc850) {
    return timeOf(fullYear(rfc850[3]), rfc850[2], rfc850[1], rfc850.slice(4));
  }
  const asctime = asctimeDate.exec(text);
  if (!asctime) return undefined;
  return timeOf(asctime[6], asctime[1], asctime[2], asctime.slice(3, 6));
}

/** A time as an IMF-fixdate, which knows seconds only. */
export function formatHttpDate(time: number): string {
  return new Date(time).toUTCString();
}

/** RFC 9110 §5.6.7: no more than 50 years ahead. */
function fullYear(twoDigits: string): string {
  const thisYear = new Date().getUTCFullYear();
  const year = Math.floor(thisYear / 100) * 100 + Number(twoDigits);
  return `${year > thisYear + 50 ? year - 100 : year}`;
}

const monthNames = month.slice(1, -1).split("|");

function timeOf(
  year: string,
  month: string,
  day: string,
  [hour, minute, second]: string[],
): number | undefined {
  const at = monthNames.indexOf(month);
  const date = new Date(0);
  date.setUTCFullYear(Number(year), at, Number(day));
  // 31 April would be the first of May.
  if (date.getUTCMonth() !== at) return undefined;
  // RFC 9110 §5.6.7: 60 is a leap second.
  if (hour > "23" || minute > "59" || second > "60") return undefined;
  return date.setUTCHours(Number(hour), Number(minute), Number(second));
}
