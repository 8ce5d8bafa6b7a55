-- One row per payment method; all eight, always.
with payment_methods(payment_method, label, is_digital) as (
    values
        ('card', 'Card', true),
        ('paypal', 'PayPal', true),
        ('bank_transfer', 'Bank transfer', true),
        ('wallet', 'Wallet', true),
        ('cash_on_delivery', 'Cash on delivery', false),
        ('gift_card', 'Gift card', false),
        ('voucher', 'Voucher', false),
        ('other', 'Other', false)
)

select payment_method, label, is_digital from payment_methods
