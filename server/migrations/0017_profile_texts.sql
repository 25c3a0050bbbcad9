-- safe

-- Names, phone and city stand in one line. What came in before that was a rule: a blank for each character.
update customers
   set first_name = regexp_replace(first_name, '[\u0001-\u001f\u007f-\u009f\u2028\u2029]', ' ', 'g'),
       last_name = regexp_replace(last_name, '[\u0001-\u001f\u007f-\u009f\u2028\u2029]', ' ', 'g'),
       patronymic = regexp_replace(patronymic, '[\u0001-\u001f\u007f-\u009f\u2028\u2029]', ' ', 'g'),
       phone = regexp_replace(phone, '[\u0001-\u001f\u007f-\u009f\u2028\u2029]', ' ', 'g'),
       city = regexp_replace(city, '[\u0001-\u001f\u007f-\u009f\u2028\u2029]', ' ', 'g')
 where concat(first_name, last_name, patronymic, phone, city) ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]';
update customers
   set address = regexp_replace(address, '[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]', ' ', 'g')
 where address ~ '[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]';

-- As identity/profile-texts.ts has it.
alter table customers
  add constraint customers_texts_are_not_too_long check (
    char_length(first_name) <= 150 and char_length(last_name) <= 150 and char_length(patronymic) <= 150
    and char_length(phone) <= 40 and char_length(city) <= 150 and char_length(address) <= 500),
  add constraint customers_texts_are_one_line check (
    concat(first_name, last_name, patronymic, phone, city) !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]'),
  add constraint customers_address_has_no_control_characters check (
    address !~ '[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]');
