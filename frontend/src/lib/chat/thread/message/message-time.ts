/**
 * A moment as short as it can be without being ambiguous: the time of today, otherwise with the day, and with the year
 * if it is another one. By the calendar and the time zone of the browser.
 */
export function messageTime(at: number, now: number, locale: string): string {
  const [moment, today] = [new Date(at), new Date(now)];
  const isThisYear = moment.getFullYear() === today.getFullYear();
  const isToday = moment.toDateString() === today.toDateString();
  return moment.toLocaleString(locale, {
    ...(!isToday && { day: 'numeric', month: 'short' }),
    ...(!isThisYear && { year: 'numeric' }),
    hour: 'numeric',
    minute: '2-digit',
  });
}
