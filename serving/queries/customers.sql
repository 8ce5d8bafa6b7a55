-- One row per customer of :customer_id.
select customer_id, full_name, email, country, region, city, signup_at, first_order_date, last_order_date,
       orders, gross_revenue, net_revenue, recency_days, recency_score, frequency_score, monetary_score, segment
from serving.dim_customer
where customer_id = any(cast(:customer_id as text[]))
