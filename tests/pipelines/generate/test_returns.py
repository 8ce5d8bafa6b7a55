def test_every_return_row_is_good_and_no_line_comes_back_more_than_it_was_sold(autumn):
    bad = autumn.query(
        """select r.order_id, r.line_number from current_returns r
        left join current_lines l using (order_id, line_number) group by all
        having any_value(l.quantity) is null or sum(r.quantity::int) > any_value(l.quantity::int)
            or min(r.quantity::int) < 1"""
    )
    assert bad == []


def test_goods_come_back_after_delivery_in_time_too_late_in_part_and_in_two_parts(autumn):
    rows = autumn.query(
        """select count(*) filter (r.returned_at < o.delivered_at),
            count(*) filter (r.returned_at::timestamp < o.delivered_at::timestamp + interval 30 day),
            count(*) filter (r.returned_at::timestamp >= o.delivered_at::timestamp + interval 30 day),
            count(*) filter (r.quantity::int < l.quantity::int)
        from current_returns r join current_orders o using (order_id)
        join current_lines l using (order_id, line_number)"""
    )[0]
    before, in_time, too_late, in_part = rows
    assert before == 0
    assert in_time > 10 * too_late > 0
    assert in_part > 0
    assert autumn.query("select 1 from current_returns group by order_id, line_number having count(*) > 1") != []


def test_an_order_is_returned_by_status_alone_by_rows_or_by_both(autumn):
    rows = autumn.query(
        """select status = 'returned', order_id in (select order_id from returns), count(*)
        from current_orders group by all"""
    )
    counts = {(status, by_row): count for status, by_row, count in rows}
    assert counts[True, False] > 5
    assert counts[True, True] > 5
    assert counts[False, True] > counts[True, True]


def test_a_return_row_sent_again_says_the_same(autumn):
    assert autumn.query("select 1 from returns group by return_id having count(*) > 1") != []
    changed = autumn.query(
        """select 1 from returns group by return_id
        having count(distinct (order_id, line_number, quantity, returned_at, coalesce(reason, ''))) > 1"""
    )
    assert changed == []


def test_reasons_may_hold_commas_quotes_or_nothing(autumn):
    reasons = {reason for (reason,) in autumn.query("select distinct reason from returns")}
    assert None in reasons
    assert 'arrived late, "too late" for the day' in reasons
