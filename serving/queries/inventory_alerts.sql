-- One row per alert.
select alert_id, product_id, opened_on, resolved_on, days_open, severity,
       on_hand, allocated, available, reorder_point, shortfall
from serving.fct_inventory_alerts
where case cast(:status as text)
          when 'open' then resolved_on is null
          when 'resolved' then resolved_on is not null
          else true -- all; :status is never null
      end
  and (cast(:severity as text) is null or severity = cast(:severity as text))
  and (cast(:product_id as text[]) is null or product_id = any(cast(:product_id as text[])))
