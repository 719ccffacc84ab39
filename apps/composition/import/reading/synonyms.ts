/** Headings of usual exports by the field they mean, without `Id`; every type has the first ones. */
export const common: Readonly<Record<string, readonly string[]>> = {
  email: [
    ...['Email', 'E-mail', 'E-mail Address', 'Email Address', 'Primary Email', 'Work Email'],
    ...[
      'E-mail 1 - Value',
      'E-mail 1 Value',
      'Email - Work',
      'Email Work',
      'Mail',
      'Business Email',
    ],
    ...['E-Mail-Adresse', 'E-Mail Adresse', 'E-Mail geschäftlich', 'Mailadresse', 'Email 1'],
  ],
  phone: [
    ...['Phone', 'Phone Number', 'Telephone', 'Business Phone', 'Work Phone', 'Primary Phone'],
    ...[
      'Company Main Phone',
      'Phone 1 - Value',
      'Phone - Work',
      'Office Phone',
      'Main Phone',
      'Tel',
    ],
    ...['Telefon', 'Telefonnummer', 'Telefon geschäftlich', 'Festnetz', 'Tel.', 'Rufnummer'],
  ],
  mobile: [
    ...['Mobile', 'Mobile Phone', 'Mobile Phone Number', 'Mobile Number', 'Cell', 'Cell Phone'],
    ...['Phone - Mobile', 'Phone 2 - Value', 'Handy', 'Handynummer', 'Mobil', 'Mobiltelefon'],
    ...['Mobilnummer', 'Mobilfunk', 'Telefon mobil'],
  ],
  addressStreet: [
    ...[
      'Street',
      'Street Address',
      'Address',
      'Address Line 1',
      'Mailing Street',
      'Billing Street',
    ],
    ...['Business Street', 'Address 1 - Street', 'Street/Number', 'Straße', 'Strasse', 'Anschrift'],
    ...['Straße und Hausnummer', 'Straße geschäftlich', 'Adresse', 'Address 1'],
  ],
  addressCity: [
    ...['City', 'Town', 'Mailing City', 'Billing City', 'Business City', 'Address 1 - City'],
    ...['City/town/village/locality', 'Ort', 'Stadt', 'Wohnort', 'Ort geschäftlich'],
  ],
  addressState: [
    ...['State', 'State/Region', 'Region', 'Province', 'Mailing State', 'Mailing State/Province'],
    ...[
      'Billing State',
      'Billing State/Province',
      'Business State',
      'Address 1 - Region',
      'County',
    ],
    ...['State/county', 'Bundesland', 'Region geschäftlich', 'Kanton', 'State/Province'],
  ],
  addressPostalCode: [
    ...['Postal Code', 'Zip', 'Zip Code', 'Postcode', 'Zip/Postal Code', 'Mailing Zip/Postal Code'],
    ...[
      'Mailing Postal Code',
      'Billing Zip/Postal Code',
      'Business Postal Code',
      'ZIP/Postal code',
    ],
    ...['Address 1 - Postal Code', 'PLZ', 'Postleitzahl', 'Postleitzahl geschäftlich'],
  ],
  addressCountry: [
    ...['Country', 'Country/Region', 'Mailing Country', 'Billing Country', 'Business Country'],
    ...[
      'Business Country/Region',
      'Address 1 - Country',
      'Land',
      'Land/Region geschäftlich',
      'Staat',
    ],
  ],
  owner: [
    ...['Owner', 'Contact Owner', 'Company Owner', 'Deal Owner', 'Account Owner', 'Lead Owner'],
    ...['Opportunity Owner', 'Owner Name', 'Owner Email', 'Sales Rep', 'Sales Agent', 'Besitzer'],
    ...['Inhaber', 'Zuständig', 'Betreuer', 'Verantwortlich', 'Verantwortlicher', 'Eigentümer'],
  ],
  tags: [
    ...['Tags', 'Tag', 'Labels', 'Label', 'Categories', 'Category', 'Group Membership', 'Groups'],
    ...['Schlagwörter', 'Stichwörter', 'Kategorien', 'Markierungen', 'Etiketten'],
  ],
  description: [
    ...['Description', 'Notes', 'Comments', 'Remarks', 'About us', 'Details'],
    ...['Beschreibung', 'Notizen', 'Bemerkung', 'Bemerkungen', 'Kommentar', 'Anmerkungen'],
  ],
  leadSource: [
    ...['Lead Source', 'Source', 'Original Source', 'Source - origin', 'Herkunft', 'Quelle'],
    ...['Leadquelle', 'Lead-Quelle'],
  ],
  website: [
    ...['Website', 'Web Page', 'Website URL', 'Web Site', 'URL', 'Homepage', 'Company Domain Name'],
    ...['Website 1 - Value', 'Domain', 'Webseite', 'Internetadresse', 'Internet'],
  ],
};

const companyOf = [
  ...['Company', 'Company Name', 'Account', 'Account Name', 'Organization', 'Organisation'],
  ...[
    'Organization Name',
    'Organization 1 - Name',
    'Associated Company',
    'Primary Associated Company',
  ],
  ...['Organization - Name', 'Company / Account', 'Employer', 'Customer', 'Firma', 'Firmenname'],
  ...['Unternehmen', 'Unternehmensname', 'Kunde', 'Arbeitgeber'],
];
const contactOf = [
  ...['Contact', 'Contact Name', 'Contact Person', 'Person', 'Primary Contact', 'Contact Email'],
  ...['Associated Contact', 'Person - Name', 'Ansprechpartner', 'Kontakt', 'Kontaktperson'],
];
const relatedTo = ['Related To', 'Regarding', 'Record', 'Bezug', 'Bezieht sich auf'];

/** The same for one type of record; these count before the common ones. */
export const special: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  contact: {
    firstName: ['First Name', 'First', 'Given Name', 'Forename', 'Vorname', 'Rufname'],
    lastName: [
      ...['Last Name', 'Last', 'Family Name', 'Surname', 'Nachname', 'Familienname', 'Zuname'],
      'Name',
    ],
    title: [
      ...['Title', 'Job Title', 'Position', 'Role', 'Organization 1 - Title', 'Organization Title'],
      ...['Funktion', 'Berufsbezeichnung', 'Jobtitel', 'Stellenbezeichnung'],
    ],
    department: ['Department', 'Organization 1 - Department', 'Abteilung', 'Bereich'],
    company: companyOf,
    contactStatus: ['Status', 'Contact Status', 'Kontaktstatus'],
    leadStatus: ['Lead Status', 'Leadstatus'],
    lifecycleStage: ['Lifecycle Stage', 'Lebenszyklusphase', 'Phase'],
    leadScore: ['Lead Score', 'HubSpot Score', 'Score', 'Rating', 'Bewertung'],
    lastContactedAt: [
      ...['Last Contacted', 'Last Contact', 'Last Activity', 'Last Activity Date'],
      ...['Letzter Kontakt', 'Zuletzt kontaktiert', 'Letzte Aktivität'],
    ],
    socialLinkedin: ['LinkedIn', 'LinkedIn URL', 'LinkedIn Profile', 'LinkedIn Bio'],
    socialTwitter: ['Twitter', 'Twitter Username', 'Twitter Handle', 'X'],
    socialFacebook: ['Facebook', 'Facebook URL', 'Facebook Profile'],
    about: [...common['description']!, 'About', 'Bio', 'Über'],
  },
  company: {
    name: [...companyOf, 'Name', 'Bezeichnung'],
    slug: ['Slug', 'Short Name', 'Kurzname', 'Kürzel'],
    parent: [
      ...['Parent', 'Parent Company', 'Parent Account', 'Subsidiary of', 'Parent Organization'],
      ...['Muttergesellschaft', 'Konzern', 'Übergeordnete Firma', 'Mutterfirma'],
    ],
    industry: ['Industry', 'Sector', 'Branche', 'Industrie', 'Wirtschaftszweig'],
    companySize: ['Company Size', 'Size', 'Unternehmensgröße', 'Größe', 'Firmengröße'],
    companyStatus: ['Status', 'Type', 'Account Type', 'Kundenstatus', 'Typ'],
    annualRevenue: [
      ...['Annual Revenue', 'Revenue', 'Turnover', 'Yearly Revenue', 'Jahresumsatz', 'Umsatz'],
    ],
    employeeCount: [
      ...['Employees', 'Number of Employees', 'Employee Count', 'Headcount', 'Staff'],
      ...['Mitarbeiter', 'Mitarbeiterzahl', 'Anzahl Mitarbeiter', 'Beschäftigte'],
    ],
    foundedYear: [
      ...['Founded', 'Year Founded', 'Year Established', 'Founded Year', 'Gründungsjahr'],
      ...['Gegründet'],
    ],
    addressCountry: ['Office Location'],
  },
  deal: {
    name: [
      ...['Name', 'Deal Name', 'Opportunity Name', 'Title', 'Deal - Title', 'Opportunity', 'Deal'],
      ...['Bezeichnung', 'Titel', 'Geschäft', 'Verkaufschance'],
    ],
    company: companyOf,
    contact: contactOf,
    amount: [
      ...['Amount', 'Value', 'Deal Value', 'Deal Amount', 'Close Value', 'Worth', 'Deal - Value'],
      ...['Betrag', 'Wert', 'Volumen', 'Auftragswert', 'Summe'],
    ],
    probability: ['Probability', 'Probability (%)', 'Win Probability', 'Wahrscheinlichkeit'],
    pipeline: ['Pipeline', 'Deal Pipeline'],
    stage: ['Stage', 'Deal Stage', 'Sales Stage', 'Phase', 'Stufe', 'Verkaufsphase', 'Dealphase'],
    expectedCloseDate: [
      ...['Close Date', 'Expected Close Date', 'Closing Date', 'Expected Close', 'Abschlussdatum'],
      ...['Erwarteter Abschluss', 'Erwartetes Abschlussdatum', 'Voraussichtlicher Abschluss'],
    ],
    closeDate: ['Closed', 'Won time', 'Closed Date', 'Actual Close Date', 'Abgeschlossen am'],
    lostReason: ['Lost Reason', 'Closed Lost Reason', 'Verlustgrund', 'Absagegrund'],
    nextStep: ['Next Step', 'Next Steps', 'Nächster Schritt', 'Nächste Schritte'],
    dealSource: ['Deal Source', 'Campaign', 'Campaign Source', 'Kampagne'],
  },
  product: {
    name: ['Name', 'Product', 'Product Name', 'Produkt', 'Produktname', 'Artikel', 'Bezeichnung'],
    code: [
      ...['Code', 'SKU', 'Product Code', 'Article Number', 'Item Number', 'Part Number'],
      ...['Artikelnummer', 'Artikelnr', 'Produktcode', 'Produktnummer', 'Bestellnummer'],
    ],
    series: ['Series', 'Product Family', 'Family', 'Product Line', 'Serie', 'Produktfamilie'],
    unitPrice: [
      ...['Price', 'Unit Price', 'List Price', 'Sales Price', 'Standard Price', 'Preis'],
      ...['Einzelpreis', 'Listenpreis', 'Stückpreis', 'Verkaufspreis'],
    ],
    isActive: ['Active', 'Is Active', 'Aktiv', 'Enabled', 'Available', 'Lieferbar'],
  },
  task: {
    title: ['Subject', 'Title', 'Task', 'Task Title', 'Name', 'Betreff', 'Titel', 'Aufgabe'],
    taskType: ['Type', 'Task Type', 'Typ', 'Aufgabentyp', 'Art'],
    priority: ['Priority', 'Priorität', 'Dringlichkeit'],
    dueDate: ['Due Date', 'Due', 'Deadline', 'Fällig', 'Fällig am', 'Fälligkeitsdatum', 'Frist'],
    assignedTo: [...['Assigned To', 'Assignee', 'Assigned to User', 'Zugewiesen an', 'Bearbeiter']],
    relatedTo,
  },
  activity: {
    activityType: ['Type', 'Activity Type', 'Typ', 'Art', 'Aktivitätstyp'],
    subject: ['Subject', 'Title', 'Betreff', 'Thema', 'Titel'],
    happenedAt: ['Date', 'Activity Date', 'Done time', 'Happened At', 'Datum', 'Zeitpunkt'],
    durationMinutes: [
      'Duration',
      'Duration (minutes)',
      'Call Duration',
      'Dauer',
      'Dauer (Minuten)',
    ],
    direction: ['Direction', 'Call Type', 'Richtung'],
    outcome: ['Outcome', 'Result', 'Call Result', 'Ergebnis'],
    relatedTo,
  },
  note: {
    content: ['Content', 'Note', 'Note Body', 'Body', 'Text', 'Notiz', 'Inhalt'],
    relatedTo,
  },
  user: {
    firstName: ['First Name', 'First', 'Given Name', 'Forename', 'Vorname'],
    lastName: ['Last Name', 'Last', 'Family Name', 'Surname', 'Nachname', 'Familienname', 'Name'],
    title: ['Title', 'Job Title', 'Position', 'Funktion'],
    role: ['Role', 'Profile', 'Rolle', 'Berechtigung'],
    locale: ['Locale', 'Language', 'Sprache'],
    timeZone: ['Time Zone', 'Timezone', 'Zeitzone'],
    team: ['Team', 'Department', 'Group', 'Gruppe'],
  },
  team: {
    name: ['Team', 'Team Name', 'Name', 'Teamname'],
    region: ['Region', 'Territory', 'Regional Office', 'Gebiet', 'Vertriebsgebiet'],
    manager: ['Manager', 'Team Lead', 'Lead', 'Leiter', 'Teamleiter', 'Leitung'],
  },
};

/** Words that only say of what type the record is: "Deal - Title" is a title. */
export const ownWords: Readonly<Record<string, readonly string[]>> = {
  contact: ['contact', 'person', 'people', 'lead', 'kontakt', 'ansprechpartner'],
  company: [
    ...['company', 'account', 'organization', 'organisation', 'firma', 'firmen', 'unternehmens'],
  ],
  deal: ['deal', 'opportunity', 'verkaufschance', 'geschäft'],
  product: ['product', 'item', 'produkt', 'artikel'],
  task: ['task', 'activity', 'aufgabe', 'aufgaben'],
  activity: ['activity', 'call', 'engagement', 'aktivität'],
  note: ['note', 'notiz'],
  user: ['user', 'agent', 'sales agent', 'benutzer'],
  team: ['team'],
};
