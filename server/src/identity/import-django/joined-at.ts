const DAY = String.raw`(\d{4})-(\d\d)-(\d\d)`
const TIME = String.raw`(\d\d):(\d\d)(?::(\d\d(?:\.\d{1,6})?))?`
const ZONE = String.raw`(Z|([+-]\d\d)(?::?(\d\d))?)?`
const MOMENT = new RegExp(`^${DAY}(?:[T ]${TIME} ?${ZONE})?$`, 'i')

/**
 * The moment as PostgreSQL reads it, to the microsecond. Takes what Django, PostgreSQL, MySQL and SQLite write; a time
 * without a zone is UTC, as Django stores it.
 */
export function decideJoinedAt(text: string): string | { problem: string } {
  const [
    ,
    year = '',
    month = '',
    day = '',
    hour = '00',
    minute = '00',
    second = '00',
    ,
    zoneHour = '+00',
    zoneMinute = '00',
  ] = MOMENT.exec(text) ?? []
  const isMoment =
    Number(year) >= 1900 &&
    isDay(Number(year), Number(month), Number(day)) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    Number(second) < 60 &&
    Math.abs(Number(zoneHour)) <= 14 &&
    Number(zoneMinute) < 60
  if (!isMoment)
    return {
      problem: `"${text.slice(0, 40).replace(/\p{C}/gu, '\uFFFD')}" is no date and time, such as 2026-11-20T12:00:00Z`,
    }
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${zoneHour}:${zoneMinute}`
}

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}
