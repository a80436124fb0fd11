BEGIN TRANSACTION;
CREATE TABLE approval (
	id INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	subject_id INTEGER NOT NULL, 
	benchmark_id INTEGER, 
	dataset_id INTEGER, 
	model_id INTEGER, 
	site VARCHAR, 
	shown_sha256 VARCHAR NOT NULL, 
	items JSON NOT NULL, 
	held_back JSON NOT NULL, 
	used JSON NOT NULL, 
	status VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	requested_by INTEGER NOT NULL, 
	decided_by INTEGER, 
	rule VARCHAR, 
	reason VARCHAR NOT NULL, 
	deadline DATETIME NOT NULL, 
	is_open BOOLEAN NOT NULL, 
	suspended BOOLEAN NOT NULL, 
	flow_run_id VARCHAR, 
	PRIMARY KEY (id), 
	FOREIGN KEY(benchmark_id) REFERENCES benchmark (id), 
	FOREIGN KEY(dataset_id) REFERENCES dataset (id), 
	FOREIGN KEY(model_id) REFERENCES cube (id), 
	FOREIGN KEY(requested_by) REFERENCES user_account (id), 
	FOREIGN KEY(decided_by) REFERENCES user_account (id)
);
INSERT INTO "approval" VALUES(1,'benchmark',1,1,NULL,NULL,NULL,'8c9a5195295a3b424dc80c6a5a507a975b341f2502d35ced8c6b6d1e3dd43092','[]','[]','[]','GRANTED','administrator',2,1,NULL,'','2026-03-16 09:00:00.000000',0,0,NULL);
INSERT INTO "approval" VALUES(2,'statistics',1,NULL,1,NULL,'site-a','2f2c063a962d5d57f76ebb2a365fb0b1366c3ab2c9806f9ea8515e3b8b6b15f5','[{"subject_id": 1, "sha256": "c53386f4e2a42e7ccddb056bf146b6ae2c9890cffb6ba1601810e3bf1daa5b8d"}]','[]','[1]','GRANTED','data owner',3,3,NULL,'','2026-03-02 10:00:00.000000',0,0,NULL);
INSERT INTO "approval" VALUES(3,'association',1,1,1,NULL,NULL,'163b1c20ced3b299290cc8568561b8bd8e5d4a97b9e9cf3d148b0effe8c46f22','[]','[]','[]','GRANTED','committee',3,2,NULL,'','2026-03-16 09:00:00.000000',0,0,NULL);
INSERT INTO "approval" VALUES(4,'statistics',2,NULL,2,NULL,'site-b','7d8e9f689b3e13eb7a19df861adc791322c4da1fd7b1e36b80e1da734cb4f1eb','[{"subject_id": 2, "sha256": "ad37209734038b580cc8c81eff8e7dbd61dbc4a1a14aa0b51540edb3853966e0"}]','[]','[2]','GRANTED','data owner',4,4,NULL,'','2026-03-02 10:00:00.000000',0,0,NULL);
INSERT INTO "approval" VALUES(5,'association',2,1,2,NULL,NULL,'ef06ada39578afddade6181585d882339bc1578b14f01b82c8a5e01c864ebda1','[]','[]','[]','GRANTED','committee',4,2,NULL,'','2026-03-16 09:00:00.000000',0,0,NULL);
INSERT INTO "approval" VALUES(6,'association',3,1,NULL,4,NULL,'88157587d9df1058fcb22e1bc4f84d5262d1b3aeacd020c8ecd1dbb7b6a2c492','[]','[]','[]','GRANTED','committee',5,NULL,'models=ALLOWLIST v1','','2026-03-16 09:00:00.000000',0,0,NULL);
INSERT INTO "approval" VALUES(7,'association',4,1,NULL,5,NULL,'889a636be1b222323fbf314b51971908b3d3c64be1510263080da859b62f511a','[]','[]','[]','GRANTED','committee',5,NULL,'models=ALLOWLIST v1','','2026-03-16 09:00:00.000000',0,0,NULL);
INSERT INTO "approval" VALUES(8,'association',5,1,NULL,6,NULL,'2592bd018a9b89096fcfa423fa4a439eb213926abe8ecbe461eb9dc618bb433a','[]','[]','[]','PENDING','committee',4,NULL,NULL,'','2026-03-16 09:00:00.000000',1,0,NULL);
INSERT INTO "approval" VALUES(9,'benchmark',2,2,NULL,NULL,NULL,'7440340a4e5fe1800339ece78d4c0bb519886cfdc23219b9288172dd975f21a8','[]','[]','[]','GRANTED','administrator',2,1,NULL,'','2026-03-16 09:00:00.000000',0,0,NULL);
INSERT INTO "approval" VALUES(10,'association',6,2,NULL,6,NULL,'43666ec5554a7fc825c8ba93343b33d6a4043ef35d52957812c9209e0b8f6225','[]','[]','[]','PENDING','model owner',2,NULL,NULL,'','2026-03-16 09:00:00.000000',1,0,NULL);
INSERT INTO "approval" VALUES(11,'benchmark',3,3,NULL,NULL,NULL,'2f4d1520b24f6cd8677f6fc38c52e02d405952b87a90b583e75073bcb21da6bf','[]','[]','[]','REFUSED','administrator',2,1,NULL,'','2026-03-16 09:00:00.000000',0,0,NULL);
INSERT INTO "approval" VALUES(12,'benchmark',4,4,NULL,NULL,NULL,'e346dd688292461feb1ed27d932c18cccb60698b1c9015bbfeb9e13cf57f0c5b','[]','[]','[]','PENDING','administrator',2,NULL,NULL,'','2026-03-16 09:00:00.000000',1,0,NULL);
INSERT INTO "approval" VALUES(13,'results',1,NULL,1,NULL,'site-a','97b3d88309f0e550c5d551dcf995429d2be0a28d27384ca5278351e4773bdc68','[{"subject_id": 1, "sha256": "f671a209a855438342a56aff77a0bf07ac534631be7a07f35e0794d93c4dd882"}]','[]','[1]','GRANTED','data owner',3,3,NULL,'','2026-03-02 10:00:00.000000',0,0,NULL);
INSERT INTO "approval" VALUES(14,'results',1,NULL,1,NULL,'site-a','f927e15f1db6e7393e9ed9fa861f512d0b256ca8d02a928da496ac50020870e4','[{"subject_id": 2, "sha256": "6c61804cbc0d1458e5c8a4dc2539926e44bea273653b5b8249cbd14e31ac5aaa"}]','[]','[2]','GRANTED','data owner',3,3,NULL,'','2026-03-02 10:00:00.000000',0,0,NULL);
INSERT INTO "approval" VALUES(15,'results',2,NULL,2,NULL,'site-b','bd907d0de5309d35f435b70385490a522b5dbfba4d3244545711ae87d14fd523','[{"subject_id": 3, "sha256": "1c3cdf8fb60e6accdbd71d603296e871d9d1c98ffcaa883356fc0c082f8ebba4"}]','[]','[3]','GRANTED','data owner',4,NULL,'results_release=always v1','','2026-03-02 10:00:00.000000',0,0,NULL);
INSERT INTO "approval" VALUES(16,'results',1,NULL,1,NULL,'site-a','66d187c50c64dbcb53fc5ab968258021f22c69f327c483c25fa3dd698d988be5','[{"subject_id": 5, "sha256": "529d5205f6b8b0c34e17fa03c489b976681788dc83d30da08e57ab7e3233f655"}]','[5]','[]','GRANTED','data owner',3,3,NULL,'','2026-03-02 10:00:00.000000',0,0,NULL);
INSERT INTO "approval" VALUES(17,'statistics',4,NULL,4,NULL,'site-c','6cca07f3377f8cf04f3c98c5fe8f3328d74f83dc19bab90f200d4eb97f0a5ec8','[{"subject_id": 4, "sha256": "9c0aeace124820ea36896d6727fc17fa0fbe60969e92536350464a3717a6a32c"}]','[]','[4]','GRANTED','data owner',7,7,NULL,'','2026-03-02 10:00:00.000000',0,0,NULL);
INSERT INTO "approval" VALUES(18,'association',7,1,4,NULL,NULL,'6cd6a88dd6d6bb6038328e4187dfd3691e087a7f50ea3a3c9c837518ef3830c9','[]','[]','[]','REVOKED','committee',7,2,NULL,'','2026-03-16 09:00:00.000000',0,0,NULL);
INSERT INTO "approval" VALUES(19,'results',4,NULL,4,NULL,'site-c','70387b925330942cd524b077da939f8000793448edb277e021f74f44d8946a77','[{"subject_id": 8, "sha256": "817bbdd4b6ef2166d74118d07663c95513a5036342e5fadca30ad6a9abdd2d5b"}]','[]','[]','PENDING','data owner',7,NULL,NULL,'','2026-03-02 10:00:00.000000',1,1,NULL);
CREATE TABLE association (
	id INTEGER NOT NULL, 
	benchmark_id INTEGER NOT NULL, 
	dataset_id INTEGER, 
	model_id INTEGER, 
	test_sha256 VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	priority INTEGER NOT NULL, 
	requested_by INTEGER NOT NULL, 
	approval_id INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(benchmark_id) REFERENCES benchmark (id), 
	FOREIGN KEY(dataset_id) REFERENCES dataset (id), 
	FOREIGN KEY(model_id) REFERENCES cube (id), 
	FOREIGN KEY(requested_by) REFERENCES user_account (id)
);
INSERT INTO "association" VALUES(1,1,1,NULL,'9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08','APPROVED',0,3,3);
INSERT INTO "association" VALUES(2,1,2,NULL,'9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08','APPROVED',0,4,5);
INSERT INTO "association" VALUES(3,1,NULL,4,'9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08','APPROVED',7,5,6);
INSERT INTO "association" VALUES(4,1,NULL,5,'9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08','APPROVED',0,5,7);
INSERT INTO "association" VALUES(5,1,NULL,6,'9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08','PENDING',0,4,8);
INSERT INTO "association" VALUES(6,2,NULL,6,'9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08','PENDING',0,2,10);
INSERT INTO "association" VALUES(7,1,4,NULL,'9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08','REVOKED',0,7,18);
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	user_id INTEGER, 
	token_label VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	before_sha256 VARCHAR, 
	after_sha256 VARCHAR, 
	PRIMARY KEY (id)
);
INSERT INTO "audit" VALUES(1,'2026-11-21 10:56:53.641113',NULL,'init','user.add','user_account/1',NULL,'431ddc90d03d9a32bb2176a71c7ccfde149aa4f609967879c5a31d760e56ea0e');
INSERT INTO "audit" VALUES(2,'2026-11-21 10:56:53.641113',NULL,'init','token.mint','token/1',NULL,'1e335edbc966f66d515ae3ce40aa1f16c6b1e70028f4e39f225e6b9ddc347ec1');
INSERT INTO "audit" VALUES(3,'2026-03-02 09:00:00.000000',1,'init','user.add','user_account/2',NULL,'be36d7df5ab10ee29dd85e3d29054bf59427f85a44303d3111743f067f741d37');
INSERT INTO "audit" VALUES(4,'2026-03-02 09:00:00.000000',1,'init','token.mint','token/2',NULL,'5ae6a394126daa8157383a2d05424bcc428e8a46b5fc3a2f99e349cd444783a8');
INSERT INTO "audit" VALUES(5,'2026-03-02 09:00:00.000000',1,'init','user.add','user_account/3',NULL,'6104957f185486313fdc33d95370d3cbe3d25ccfb24184d913820dbb7e53cfc4');
INSERT INTO "audit" VALUES(6,'2026-03-02 09:00:00.000000',1,'init','token.mint','token/3',NULL,'bed72a6990f4c9d385af6d5249efe82e4200e5222de9de58aab9091849c1f82d');
INSERT INTO "audit" VALUES(7,'2026-03-02 09:00:00.000000',1,'init','user.add','user_account/4',NULL,'867ab9d37fbd44c2c8924c7b97df376fa12a808d2fdccfc66ae6e2c29e287bf3');
INSERT INTO "audit" VALUES(8,'2026-03-02 09:00:00.000000',1,'init','token.mint','token/4',NULL,'1d21256a8e0902e1a97ebb26b8ec45ae3fa059b590a80277852efbb7c4b0eb85');
INSERT INTO "audit" VALUES(9,'2026-03-02 09:00:00.000000',1,'init','user.add','user_account/5',NULL,'1692de4dd81db1852573171e398a88b3077c032ebd4fba1834350d0ae6803d75');
INSERT INTO "audit" VALUES(10,'2026-03-02 09:00:00.000000',1,'init','token.mint','token/5',NULL,'b8ea1fb8d4b5c70de3c8ff5c873b50ec4b1da5385a4210cb218f70b369cafb33');
INSERT INTO "audit" VALUES(11,'2026-03-02 09:00:00.000000',1,'init','user.add','user_account/6',NULL,'debf2f2ddb3b72cc3d03a9f01609351349bda966bcdeac0be26c8d4909266d5b');
INSERT INTO "audit" VALUES(12,'2026-03-02 09:00:00.000000',1,'init','token.mint','token/6',NULL,'a1597c38761934f36ca922541e9ed3728ad3bc08a45093fcb8ce1ff3456a715e');
INSERT INTO "audit" VALUES(13,'2026-03-02 09:00:00.000000',1,'init','token.mint','token/7',NULL,'56fdcf6a6d204f8441f20393a56cc7e1483afcdf31c3c89f6d7b4cf4d00752ee');
INSERT INTO "audit" VALUES(14,'2026-03-02 09:00:00.000000',1,'init','token.mint','token/8',NULL,'d262b6175bf5b64dad384cafcd02190e66bd005772bb9a8156daa625130a1992');
INSERT INTO "audit" VALUES(15,'2026-03-02 09:00:00.000000',1,'init','token.mint','token/9',NULL,'373138e691e6a56dc095d8e149aeb8bcf4c5bc2f222aacf000921da2d396184b');
INSERT INTO "audit" VALUES(16,'2026-03-02 09:00:00.000000',1,'init','token.mint','token/10',NULL,'4b054d3b430becc018d806b97ceb8289f4341d96209023ed2fa6278052885b33');
INSERT INTO "audit" VALUES(17,'2026-03-02 09:00:00.000000',1,'init','token.mint','token/11',NULL,'f3d634d3fc2229cfebd3c23fc5ee076523573006e51ea514e89fe20a68c5d6e0');
INSERT INTO "audit" VALUES(18,'2026-03-02 09:00:00.000000',1,'init','token.revoke','token/11','f3d634d3fc2229cfebd3c23fc5ee076523573006e51ea514e89fe20a68c5d6e0','6471d43733c1313a3d0179e2320b1b0a3f47c57a8e4feaac3b1ccdf6e086559a');
INSERT INTO "audit" VALUES(19,'2026-03-02 09:00:00.000000',2,'all','cube.register','cube/1',NULL,'4430119c43226b4ff9c275692849696c99eaf78e4c694a55ad418551e44914a0');
INSERT INTO "audit" VALUES(20,'2026-03-02 09:00:00.000000',2,'all','cube.register','cube/2',NULL,'d254161493ac816686238d868361acdd9dfe53cc48aa2df998192a5ca3088739');
INSERT INTO "audit" VALUES(21,'2026-03-02 09:00:00.000000',2,'all','cube.register','cube/3',NULL,'9ce0689238ae0e5c53a3b14ec572abe9810ed5c2861df3c3bc8a71e5fbedd6e7');
INSERT INTO "audit" VALUES(22,'2026-03-02 09:00:00.000000',2,'all','benchmark.propose','benchmark/1',NULL,'bbee499bdd1195ca27227999147edaf065d5817fb12172fcff28e2210735de8e');
INSERT INTO "audit" VALUES(23,'2026-03-02 09:00:00.000000',2,'all','approval.ask','approval/1',NULL,'3c8707769a8cb239573124bbd34c81e2c89325ab225918445af97b1b64efd8c3');
INSERT INTO "audit" VALUES(24,'2026-03-02 09:00:00.000000',1,'init','approval.granted','approval/1','3c8707769a8cb239573124bbd34c81e2c89325ab225918445af97b1b64efd8c3','a4cd6f262e71a5e66de24786c8f8d662a6f98eb25944ff9531090b493454a931');
INSERT INTO "audit" VALUES(25,'2026-03-02 09:00:00.000000',1,'init','benchmark.approved','benchmark/1','bae2928043b47336b1664854455f4330f050c42f3ddec846ca7d4bdf3a44fe1f','48a02a0a79775a2a91a1b55bc288d263109f997c27eda311d54aeb764c00c101');
INSERT INTO "audit" VALUES(26,'2026-03-02 09:00:00.000000',3,'all','dataset.register','dataset/1',NULL,'ab27924365134a0a0970f19ca1ab4f82ce3146e055923a7bf9319d482a8784a7');
INSERT INTO "audit" VALUES(27,'2026-03-02 09:00:00.000000',3,'all','approval.ask','approval/2',NULL,'57178966bbfe4c0c9621be799e0ece35e17ce0400a870ef3dae522b9091acdc4');
INSERT INTO "audit" VALUES(28,'2026-03-02 09:00:00.000000',3,'all','approval.granted','approval/2','57178966bbfe4c0c9621be799e0ece35e17ce0400a870ef3dae522b9091acdc4','af7dbfa7b218ebeb24c53344fc60155b5ab754b7a716febb97d701136df5fa85');
INSERT INTO "audit" VALUES(29,'2026-03-02 09:00:00.000000',3,'all','approval.use','approval/2','af7dbfa7b218ebeb24c53344fc60155b5ab754b7a716febb97d701136df5fa85','deb7bf800f8eb385ff0f297a68a10b5eb27b68c8cd02056b15096511b0a564ab');
INSERT INTO "audit" VALUES(30,'2026-03-02 09:00:00.000000',3,'all','dataset.operation','dataset/1','ab27924365134a0a0970f19ca1ab4f82ce3146e055923a7bf9319d482a8784a7','7b14ee6bcfca42ba8827ea8bdbd7f9ec0f7df955869d0ad7517a3747170aa3ab');
INSERT INTO "audit" VALUES(31,'2026-03-02 09:00:00.000000',3,'all','association.request','association/1',NULL,'5b69b1f90d94971bf37a7289425840e8a4ae7df4d27b218afffb588918b3f764');
INSERT INTO "audit" VALUES(32,'2026-03-02 09:00:00.000000',3,'all','approval.ask','approval/3',NULL,'d3cfe94d56aac4d312f9e4b6fea6ee1aeb25d651fd2ccd9552c445ea98019e44');
INSERT INTO "audit" VALUES(33,'2026-03-02 09:00:00.000000',2,'all','approval.granted','approval/3','d3cfe94d56aac4d312f9e4b6fea6ee1aeb25d651fd2ccd9552c445ea98019e44','c555c8b37944ecababb2d0fd53d9546ade765d836fc960220accee2ee0847ad6');
INSERT INTO "audit" VALUES(34,'2026-03-02 09:00:00.000000',2,'all','association.approved','association/1','3953d16b4ba45372382b24215f534f5b50db85d84624dec90d6e5fc5d837d67e','33ccdfa80bf7c8260a1948532af88ef077c0910b1d461e318774c46aa1fe9f22');
INSERT INTO "audit" VALUES(35,'2026-03-02 09:00:00.000000',4,'all','dataset.register','dataset/2',NULL,'0ee7fe36187f0fa2f1ae931468730a67c6876be890e3855729abbe2c29f5804c');
INSERT INTO "audit" VALUES(36,'2026-03-02 09:00:00.000000',4,'all','approval.ask','approval/4',NULL,'5f9cfec956d669e421a841f421d8f84b72d9cdf50896582cd4be87694a133d62');
INSERT INTO "audit" VALUES(37,'2026-03-02 09:00:00.000000',4,'all','approval.granted','approval/4','5f9cfec956d669e421a841f421d8f84b72d9cdf50896582cd4be87694a133d62','4008e9bbfe5a434d8c1f3ead3176061ae3e338df8e2f3dec0c1c3ec940d05680');
INSERT INTO "audit" VALUES(38,'2026-03-02 09:00:00.000000',4,'all','approval.use','approval/4','4008e9bbfe5a434d8c1f3ead3176061ae3e338df8e2f3dec0c1c3ec940d05680','9f71a4e7f9b119d74b4b0b0d72819db69e53dc15dccdee9da2a54f8b9da2d443');
INSERT INTO "audit" VALUES(39,'2026-03-02 09:00:00.000000',4,'all','dataset.operation','dataset/2','0ee7fe36187f0fa2f1ae931468730a67c6876be890e3855729abbe2c29f5804c','7943fe3989073689ef5b69b32fdf14dba542c9ed018344c0fda92b4c1d6c63d5');
INSERT INTO "audit" VALUES(40,'2026-03-02 09:00:00.000000',4,'all','association.request','association/2',NULL,'c9d1ccb485ea0006aa329f374af4e5e635bb0d05147174ddcaf3869d53437753');
INSERT INTO "audit" VALUES(41,'2026-03-02 09:00:00.000000',4,'all','approval.ask','approval/5',NULL,'d2a68391c953c941bf0eeacd899677a15c7c898a02f7ee856150666b9abc4b44');
INSERT INTO "audit" VALUES(42,'2026-03-02 09:00:00.000000',2,'all','approval.granted','approval/5','d2a68391c953c941bf0eeacd899677a15c7c898a02f7ee856150666b9abc4b44','cc2baf008a132bdf2ad996093856855453044484c4b1b366a0399459ae0f2421');
INSERT INTO "audit" VALUES(43,'2026-03-02 09:00:00.000000',2,'all','association.approved','association/2','cc074acaeb69b06fe4ac48ff0b009ff328a55266dc0182658ee4f8e177e8f8fa','42062ce377962e25935f74c9492c619f5a4456e9e3a328e4d723a4868e07065c');
INSERT INTO "audit" VALUES(44,'2026-03-02 09:00:00.000000',5,'all','cube.register','cube/4',NULL,'8dfaffeaf79cd77b6eede06d22faa7b7afc4248aa10dc75ddd5642976eed805c');
INSERT INTO "audit" VALUES(45,'2026-03-02 09:00:00.000000',5,'all','cube.register','cube/5',NULL,'4705e87af4955c19cdbc2e4afe6187abcf0e6a0839f248f58055b1a4c32670c1');
INSERT INTO "audit" VALUES(46,'2026-03-02 09:00:00.000000',4,'all','cube.register','cube/6',NULL,'a715b8226c1838a238564abf2c5bdddd65e042a8e48c619e81a3b608afd654ce');
INSERT INTO "audit" VALUES(47,'2026-03-02 09:00:00.000000',5,'all','association.request','association/3',NULL,'7c8fb64d011bb696ba3faf484b76907f549f06ef882f2b94d7f27f36473af986');
INSERT INTO "audit" VALUES(48,'2026-03-02 09:00:00.000000',5,'all','approval.ask','approval/6',NULL,'3e53489e562fefba09f8a1afc768581d6993b5450057db500f050e650a26c0fc');
INSERT INTO "audit" VALUES(49,'2026-03-02 09:00:00.000000',5,'all','approval.granted','approval/6','3e53489e562fefba09f8a1afc768581d6993b5450057db500f050e650a26c0fc','56c1fd11f38b2b5eaebe9eb1744860f572ae3a5efe3afddf7bacec4ac3e24cc2');
INSERT INTO "audit" VALUES(50,'2026-03-02 09:00:00.000000',5,'all','association.approved','association/3','7c8fb64d011bb696ba3faf484b76907f549f06ef882f2b94d7f27f36473af986','8c1ca7d77f086d42240a43b9c8026a0bd394426cdf902d14dacac7f809b6a550');
INSERT INTO "audit" VALUES(51,'2026-03-02 09:00:00.000000',2,'all','association.priority','association/3','8fb658975fbb1a405cbb14c65359b5962a0059af272e5817ad66cde4eddeb134','2e24b80523ba316087bab00420b8a1dce7023c3c5d0463bf7136417c5ab52620');
INSERT INTO "audit" VALUES(52,'2026-03-02 09:00:00.000000',5,'all','association.request','association/4',NULL,'3e35e94e18ac024f59d0f98ed5dd7ec72f3cbd110ac0566f82e5ae66fe48a5a2');
INSERT INTO "audit" VALUES(53,'2026-03-02 09:00:00.000000',5,'all','approval.ask','approval/7',NULL,'0e7bebc4634a2379546c4c6933ce5a7c4784a84c3891edd37434cc21edb9b65b');
INSERT INTO "audit" VALUES(54,'2026-03-02 09:00:00.000000',5,'all','approval.granted','approval/7','0e7bebc4634a2379546c4c6933ce5a7c4784a84c3891edd37434cc21edb9b65b','3940b1d0deee89d56f26314e6fa030616dd3b988701b4a4b2007c409b0ee55ab');
INSERT INTO "audit" VALUES(55,'2026-03-02 09:00:00.000000',5,'all','association.approved','association/4','3e35e94e18ac024f59d0f98ed5dd7ec72f3cbd110ac0566f82e5ae66fe48a5a2','f391b6d50f29c51520018d999577aef4ab940aeec8ccc35c9b03ee67b099e00a');
INSERT INTO "audit" VALUES(56,'2026-03-02 09:00:00.000000',4,'all','association.request','association/5',NULL,'6e0f24c72b56c89303c8509d59bd430c55a7d0dae1b33533b98c70f94475b389');
INSERT INTO "audit" VALUES(57,'2026-03-02 09:00:00.000000',4,'all','approval.ask','approval/8',NULL,'bbfe1dcdf87f6bee46dca3b4175cec46ac466da6582f6b3575e950ceeed96170');
INSERT INTO "audit" VALUES(58,'2026-03-02 09:00:00.000000',2,'all','cube.register','cube/7',NULL,'47a7ad9daebb220aea645de35c032bb87e70d9d5069dcff43360c9a3c7b2d51a');
INSERT INTO "audit" VALUES(59,'2026-03-02 09:00:00.000000',2,'all','benchmark.propose','benchmark/2',NULL,'975103cc2d44284b5257d267ae33b23c2d56d0e703712c14696afb950bf20e1c');
INSERT INTO "audit" VALUES(60,'2026-03-02 09:00:00.000000',2,'all','approval.ask','approval/9',NULL,'351f00053f1aaecafced1c1044069048fdc4b5f8883a3c00a3246b5753ee13ff');
INSERT INTO "audit" VALUES(61,'2026-03-02 09:00:00.000000',1,'init','approval.granted','approval/9','351f00053f1aaecafced1c1044069048fdc4b5f8883a3c00a3246b5753ee13ff','1bdbbe32f1932ecd5b065a209e1af328f2e273f08fb55af38056fcdf4b713158');
INSERT INTO "audit" VALUES(62,'2026-03-02 09:00:00.000000',1,'init','benchmark.approved','benchmark/2','fe6de16f45b2599bf1e04b43704ecf2f04131b14482b1f88075993c8129508b1','25f78a3e86d197596a73fadba2921b3490aa77abae515025746efece1f593907');
INSERT INTO "audit" VALUES(63,'2026-03-02 09:00:00.000000',3,'all','dataset.register','dataset/3',NULL,'8bf11b6a2bca3cf19d96e4c66a2cccabbccbe0d7bfddacb26861eb034b2c4b8c');
INSERT INTO "audit" VALUES(64,'2026-03-02 09:00:00.000000',2,'all','association.request','association/6',NULL,'a7f52a93d8995b846093016d99e6ba63c3e24ab52153eb0209fcb3d1803b34c9');
INSERT INTO "audit" VALUES(65,'2026-03-02 09:00:00.000000',2,'all','approval.ask','approval/10',NULL,'c4db1d90936572223e8622e3e307bab0c7bf8d8b12937280584eaaec0b9ee45a');
INSERT INTO "audit" VALUES(66,'2026-03-02 09:00:00.000000',2,'all','benchmark.propose','benchmark/3',NULL,'2f6e5389df3dc557df39c1d3e0a389876859a506582198202c43bdab5a5c4008');
INSERT INTO "audit" VALUES(67,'2026-03-02 09:00:00.000000',2,'all','approval.ask','approval/11',NULL,'b34f361fe9f709306cf7a565d9956061fa2f92955a623806b06ee2f1f68ec9d8');
INSERT INTO "audit" VALUES(68,'2026-03-02 09:00:00.000000',1,'init','approval.refused','approval/11','b34f361fe9f709306cf7a565d9956061fa2f92955a623806b06ee2f1f68ec9d8','6e8fd15bd55f7313271a7576a635b0c862bac97feaaaf67333479de19b2e88e5');
INSERT INTO "audit" VALUES(69,'2026-03-02 09:00:00.000000',1,'init','benchmark.rejected','benchmark/3','b59ab84dbe9dc012d8114ff32dd644eca8dadda1d0dd959ac559cbf0929168b7','71a4f564420321396afecaed94001edea85c542cc7f7ef8886365460082cc1ec');
INSERT INTO "audit" VALUES(70,'2026-03-02 09:00:00.000000',2,'all','benchmark.propose','benchmark/4',NULL,'0beb552704f68b1fb0ce16860fa5830ad57cf748bd0a114d792cfcd4a9a55bbd');
INSERT INTO "audit" VALUES(71,'2026-03-02 09:00:00.000000',2,'all','approval.ask','approval/12',NULL,'98255d64e2a72a9e6023c53172857b12b814d3f6c732d25b2a30846dcd50a24d');
INSERT INTO "audit" VALUES(72,'2026-03-02 09:00:00.000000',3,'all','execution.claim','execution/1',NULL,'db8e7f13888d80068b8cf7840a75cdcc404e648322819a938096d6e052f78913');
INSERT INTO "audit" VALUES(73,'2026-03-02 09:00:00.000000',3,'all','execution.scored','execution/1','db8e7f13888d80068b8cf7840a75cdcc404e648322819a938096d6e052f78913','de7ce07add860600b31b67f94a92e3f48abb2a01e6deed38f0582a1ca9e43fa8');
INSERT INTO "audit" VALUES(74,'2026-03-02 09:00:00.000000',3,'all','approval.ask','approval/13',NULL,'8a2783c24e14de3cff92757037be18760c96d32018f978ae170b6a15ec98835a');
INSERT INTO "audit" VALUES(75,'2026-03-02 09:00:00.000000',3,'all','approval.granted','approval/13','8a2783c24e14de3cff92757037be18760c96d32018f978ae170b6a15ec98835a','fa4a98db33ac74a5267d7fb926254a54ad799ebf7fc363ae5169c670127b16a1');
INSERT INTO "audit" VALUES(76,'2026-03-02 09:00:00.000000',3,'all','approval.use','approval/13','fa4a98db33ac74a5267d7fb926254a54ad799ebf7fc363ae5169c670127b16a1','8f6c411b29659a22795a73e2c8cffc671dba33bb1a9dacbdab2a70567953e67e');
INSERT INTO "audit" VALUES(77,'2026-03-02 09:00:00.000000',3,'all','execution.submitted','execution/1','de7ce07add860600b31b67f94a92e3f48abb2a01e6deed38f0582a1ca9e43fa8','2dbee6d9de02357260cfa154747dba510839668a86308e4bbba9a85bddf79718');
INSERT INTO "audit" VALUES(78,'2026-03-02 09:00:00.000000',3,'all','result.submit','result/1',NULL,'c872fce10b2fea37c5c8a85465936e63f882a5096eaa4e277d7f8fc52d927796');
INSERT INTO "audit" VALUES(79,'2026-03-02 09:00:00.000000',2,'all','cube.register','cube/8',NULL,'6ebc552d8d88760ce529a32018662ed492b6570a8652152ce352bc1924969bac');
INSERT INTO "audit" VALUES(80,'2026-03-02 09:00:00.000000',2,'all','benchmark.metrics','benchmark/1','48a02a0a79775a2a91a1b55bc288d263109f997c27eda311d54aeb764c00c101','2f560a0450e8a594ebba40ef50a63a2cd09b03296bb33b58d4f8c6f4281ebf7e');
INSERT INTO "audit" VALUES(81,'2026-03-02 09:00:00.000000',3,'all','execution.claim','execution/2',NULL,'88d4768807f87e5faa111596a144db4df131b50c5052a8f94564a080b834d81d');
INSERT INTO "audit" VALUES(82,'2026-03-02 09:00:00.000000',3,'all','execution.scored','execution/2','88d4768807f87e5faa111596a144db4df131b50c5052a8f94564a080b834d81d','9f3808efa6566355f6e8ec3db1987d089c89b785baba7a754852e9393e5e51dc');
INSERT INTO "audit" VALUES(83,'2026-03-02 09:00:00.000000',3,'all','approval.ask','approval/14',NULL,'cc9b88a6a1dee5f559a17ba31021b9a93b3852803e1ed452261abb1e88c91c85');
INSERT INTO "audit" VALUES(84,'2026-03-02 09:00:00.000000',3,'all','approval.granted','approval/14','cc9b88a6a1dee5f559a17ba31021b9a93b3852803e1ed452261abb1e88c91c85','3581d5b86dbd6d5c843a1fa73401045f229457ba457a9384b4865597cdf3d7e7');
INSERT INTO "audit" VALUES(85,'2026-03-02 09:00:00.000000',3,'all','approval.use','approval/14','3581d5b86dbd6d5c843a1fa73401045f229457ba457a9384b4865597cdf3d7e7','fe0d29025e2d15326128205cadaf19749e2e894a24c9d6b60cdfd9acf76f6e03');
INSERT INTO "audit" VALUES(86,'2026-03-02 09:00:00.000000',3,'all','execution.superseded','execution/1','2dbee6d9de02357260cfa154747dba510839668a86308e4bbba9a85bddf79718','e6276253aa96490339e0764edc46031a8f6470fd4aeb2ab8f3c2ecad004ba71e');
INSERT INTO "audit" VALUES(87,'2026-03-02 09:00:00.000000',3,'all','execution.submitted','execution/2','9f3808efa6566355f6e8ec3db1987d089c89b785baba7a754852e9393e5e51dc','98462c352d50b3baa917aee7266d2e33cc62b4ea460b8dacf3ed1a3dddc94ce6');
INSERT INTO "audit" VALUES(88,'2026-03-02 09:00:00.000000',3,'all','result.submit','result/2',NULL,'d759ee01add00441b24206afb3ac52272ebd4792b77b7473e0e0123eedb9f588');
INSERT INTO "audit" VALUES(89,'2026-03-02 09:00:00.000000',4,'all','execution.claim','execution/3',NULL,'7f9aff5c5365d4d412dba2b7ce58b8643d93e63b7bbd43079a40ac4678ea8268');
INSERT INTO "audit" VALUES(90,'2026-03-02 09:00:00.000000',4,'all','execution.scored','execution/3','7f9aff5c5365d4d412dba2b7ce58b8643d93e63b7bbd43079a40ac4678ea8268','ad8083d2b9a0ea748fcd12fb36d2815d83b684dc6ac6aae9632f4899995b21ed');
INSERT INTO "audit" VALUES(91,'2026-03-02 09:00:00.000000',4,'all','approval.ask','approval/15',NULL,'fb4e78b2f3bc5eb73fc4a342ae8cc136ed3191b1a72f63f443b6535252428df3');
INSERT INTO "audit" VALUES(92,'2026-03-02 09:00:00.000000',4,'all','approval.granted','approval/15','fb4e78b2f3bc5eb73fc4a342ae8cc136ed3191b1a72f63f443b6535252428df3','48159ed6d2c6cf2d72cc4a72a164a4b3c2eddc4e1ae530d9ff61876f1363a59f');
INSERT INTO "audit" VALUES(93,'2026-03-02 09:00:00.000000',4,'all','approval.use','approval/15','48159ed6d2c6cf2d72cc4a72a164a4b3c2eddc4e1ae530d9ff61876f1363a59f','f348a3ec3b132526055334e2c8845505275101517a9c3ec6f6437be9e3d5d771');
INSERT INTO "audit" VALUES(94,'2026-03-02 09:00:00.000000',4,'all','execution.submitted','execution/3','ad8083d2b9a0ea748fcd12fb36d2815d83b684dc6ac6aae9632f4899995b21ed','396db1db5bb68b5c5d2f860f616a1c3cb40d38521013cbee7e0cd2ca7b3fc9fe');
INSERT INTO "audit" VALUES(95,'2026-03-02 09:00:00.000000',4,'all','result.submit','result/3',NULL,'715dc7b85e1e7989b406516848577841d44fb83b0950dc6179a01afcd5367007');
INSERT INTO "audit" VALUES(96,'2026-03-02 09:00:00.000000',3,'all','execution.claim','execution/4',NULL,'f837b4350f565a3cc0cf9bda6514120ee8d6324b9b699b1179b91dfdeffb6c9e');
INSERT INTO "audit" VALUES(97,'2026-03-02 09:00:00.000000',3,'all','execution.failed','execution/4','f837b4350f565a3cc0cf9bda6514120ee8d6324b9b699b1179b91dfdeffb6c9e','6cfa752cb9ede14bee6da5ba895a8dba1a311330f06b0caa1274120628450aeb');
INSERT INTO "audit" VALUES(98,'2026-03-02 09:00:00.000000',3,'all','execution.claim','execution/5',NULL,'b3a54edcd3e39c3da7b740b0325ba4f01792a7018138c8358a97c19eb62400ce');
INSERT INTO "audit" VALUES(99,'2026-03-02 09:00:00.000000',3,'all','execution.scored','execution/5','b3a54edcd3e39c3da7b740b0325ba4f01792a7018138c8358a97c19eb62400ce','f4460ecbafac332f7ff579bc2149c713d9459a893e8a0f3b194d08c25c164c92');
INSERT INTO "audit" VALUES(100,'2026-03-02 09:00:00.000000',3,'all','approval.ask','approval/16',NULL,'da3024751ae29c2482f8b13ba897b9734866498e64874c4f1d202bbff98b0c0b');
INSERT INTO "audit" VALUES(101,'2026-03-02 09:00:00.000000',3,'all','approval.granted','approval/16','da3024751ae29c2482f8b13ba897b9734866498e64874c4f1d202bbff98b0c0b','27952c6ec929508e269e22b7bfaccfb842b1282dba623b083c390671d32ce453');
INSERT INTO "audit" VALUES(102,'2026-03-02 09:00:00.000000',3,'all','execution.held_back','execution/5','f4460ecbafac332f7ff579bc2149c713d9459a893e8a0f3b194d08c25c164c92','daae5bfa1472107bcd695924d043b48df72d8855fb61deaaa7bfb2f2913158cf');
INSERT INTO "audit" VALUES(103,'2026-03-02 09:00:00.000000',4,'all','execution.claim','execution/6',NULL,'949071798da40a4b7d1beff686f608951929829bd11896eaf9520469fb5b2ae7');
INSERT INTO "audit" VALUES(104,'2026-03-02 09:00:00.000000',4,'all','execution.claim','execution/7',NULL,'75f14b38a68be6068c6b1cdb7ad89bf121ea4125feb8153306a8c96f3c9f5887');
INSERT INTO "audit" VALUES(105,'2026-03-02 09:00:00.000000',1,'init','user.add','user_account/7',NULL,'02f45de25a672b0af4512f4a8555b62d47326dff165374bf05ebbb8e3f1431bd');
INSERT INTO "audit" VALUES(106,'2026-03-02 09:00:00.000000',1,'init','token.mint','token/12',NULL,'58b4c675f8366e710552ed593a657cbf3d0f9b1e7cd09fe14d16fb21bba75b29');
INSERT INTO "audit" VALUES(107,'2026-03-02 09:00:00.000000',7,'all','dataset.register','dataset/4',NULL,'8809e1fb0eb83907cd6b91d57f0e261e36862967a35aaf8ea4c1e6c901736d9a');
INSERT INTO "audit" VALUES(108,'2026-03-02 09:00:00.000000',7,'all','approval.ask','approval/17',NULL,'2ed0c6dc38904b5c203b4df4df7ea4110c207186731ecc0cfdc989e5143e4f20');
INSERT INTO "audit" VALUES(109,'2026-03-02 09:00:00.000000',7,'all','approval.granted','approval/17','2ed0c6dc38904b5c203b4df4df7ea4110c207186731ecc0cfdc989e5143e4f20','1ffa352eb28501030507c34c33c62c597b9257e9c911b6c28ab77d93957a4381');
INSERT INTO "audit" VALUES(110,'2026-03-02 09:00:00.000000',7,'all','approval.use','approval/17','1ffa352eb28501030507c34c33c62c597b9257e9c911b6c28ab77d93957a4381','8a210ff54bf4470583fc1987f2390560dc6dfef2e1d5e388aa739ba6dedcc67d');
INSERT INTO "audit" VALUES(111,'2026-03-02 09:00:00.000000',7,'all','dataset.operation','dataset/4','8809e1fb0eb83907cd6b91d57f0e261e36862967a35aaf8ea4c1e6c901736d9a','6a27c55aaf47d16a55e6dca9a01733d49eee54026bfef63ef8bac78b4b049e24');
INSERT INTO "audit" VALUES(112,'2026-03-02 09:00:00.000000',7,'all','association.request','association/7',NULL,'0df65845a936b1fa6b91518a2eef9c65cf7cd0bddd47011375cddc6df2fcc0c4');
INSERT INTO "audit" VALUES(113,'2026-03-02 09:00:00.000000',7,'all','approval.ask','approval/18',NULL,'f931eef81a313b11f1902dbf5693747f1105d9018b47e07a1cb619afe2ac90e8');
INSERT INTO "audit" VALUES(114,'2026-03-02 09:00:00.000000',2,'all','approval.granted','approval/18','f931eef81a313b11f1902dbf5693747f1105d9018b47e07a1cb619afe2ac90e8','2e92f900df1ea3ae3eb3dcf3e0f4f58675d1a0eff1284a5df056d7e4a791ced7');
INSERT INTO "audit" VALUES(115,'2026-03-02 09:00:00.000000',2,'all','association.approved','association/7','5acdd76da019a49304bd53f3b9cb5dc375a5381c19ef59aa068c0e20470eef6f','4ee65f43fea40f7cd61921e501f7c0677ccfbd18fe31d362e2948b730213d1fc');
INSERT INTO "audit" VALUES(116,'2026-03-02 09:00:00.000000',7,'all','execution.claim','execution/8',NULL,'59733fe6e2353620c5b9cbe08afed85214c636928d1d1e13c2eafd9f8a47410b');
INSERT INTO "audit" VALUES(117,'2026-03-02 09:00:00.000000',7,'all','execution.scored','execution/8','59733fe6e2353620c5b9cbe08afed85214c636928d1d1e13c2eafd9f8a47410b','d523019a61a082b8319d4137de25e2aa07a0fda7ce3ad117cc70f9c041656c3a');
INSERT INTO "audit" VALUES(118,'2026-03-02 09:00:00.000000',7,'all','approval.ask','approval/19',NULL,'f9ffd5e1fb0c4bb66ad3c51282a555235171ceee30621c94b3d8429a1ae1d4b9');
INSERT INTO "audit" VALUES(119,'2026-03-02 09:00:00.000000',7,'all','code.mint','decision_code/1',NULL,'1eb4d14982764e72c87a8993676dc4288f47941e06c36aa94eb9c830db87b86f');
INSERT INTO "audit" VALUES(120,'2026-03-02 09:00:00.000000',7,'all','approval.suspend','approval/19','f9ffd5e1fb0c4bb66ad3c51282a555235171ceee30621c94b3d8429a1ae1d4b9','efde5cbe31eb7b3547e26a269db04bafecfd0a8999b1597b0eaef2ea2d5b3697');
INSERT INTO "audit" VALUES(121,'2026-03-02 09:00:00.000000',2,'all','approval.revoked','approval/18','2e92f900df1ea3ae3eb3dcf3e0f4f58675d1a0eff1284a5df056d7e4a791ced7','b71bf2d2031dd14f90bf19041f43e080aa0ad28787fd374ee5a31a8635b2dee9');
INSERT INTO "audit" VALUES(122,'2026-03-02 09:00:00.000000',2,'all','association.revoked','association/7','4ee65f43fea40f7cd61921e501f7c0677ccfbd18fe31d362e2948b730213d1fc','67af2f72d6bee73b9f150f5623190274e010ed633d79853b537d2d1d524ee006');
INSERT INTO "audit" VALUES(123,'2026-03-02 09:00:00.000000',7,'all','dataset.register','dataset/5',NULL,'0b6f748ec5124cdd963341025444bd492538b35e28b63c6f6c4e12fead4e9cf9');
CREATE TABLE benchmark (
	id INTEGER NOT NULL, 
	owner_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	approval_id INTEGER, 
	reference_model_id INTEGER NOT NULL, 
	metrics_id INTEGER NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(owner_id) REFERENCES user_account (id), 
	UNIQUE (name), 
	FOREIGN KEY(reference_model_id) REFERENCES cube (id), 
	FOREIGN KEY(metrics_id) REFERENCES cube (id)
);
INSERT INTO "benchmark" VALUES(1,2,'lumps','APPROVED',1,2,8,'{"name": "lumps", "description": "", "preparator_id": 1, "reference_model_id": 2, "metrics_id": 3, "contract": {"metrics": [{"name": "auroc", "path": "auc.value", "unit": "1", "direction": "higher", "minimum": 0.0, "maximum": 1.0, "decimals": 4, "primary": true, "variance_path": "auc.variance"}, {"name": "brier", "path": "brier", "unit": "1", "direction": "higher", "minimum": 0.0, "maximum": 1.0, "decimals": 4, "primary": false, "variance_path": null}], "n_cases_path": "n_cases", "statistics": [{"name": "mean_age", "path": "age.mean", "decimals": 2}]}, "datasets": {"mode": "NEVER", "allow": []}, "models": {"mode": "ALLOWLIST", "allow": [5, 3]}, "demo_dataset_sha256": "2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea", "compatibility_sha256": "fa528d3adef61d199a8348ffb48ef0143603ea2e0ad007121c39edc6e3aeb567", "approval_deadline_s": 1209600}');
INSERT INTO "benchmark" VALUES(2,2,'bumps','APPROVED',9,2,3,'{"name": "bumps", "description": "", "preparator_id": 1, "reference_model_id": 2, "metrics_id": 3, "contract": {"metrics": [{"name": "auroc", "path": "auc.value", "unit": "1", "direction": "higher", "minimum": 0.0, "maximum": 1.0, "decimals": 4, "primary": true, "variance_path": "auc.variance"}, {"name": "brier", "path": "brier", "unit": "1", "direction": "higher", "minimum": 0.0, "maximum": 1.0, "decimals": 4, "primary": false, "variance_path": null}], "n_cases_path": "n_cases", "statistics": [{"name": "mean_age", "path": "age.mean", "decimals": 2}]}, "datasets": {"mode": "NEVER", "allow": []}, "models": {"mode": "NEVER", "allow": []}, "demo_dataset_sha256": "2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea", "compatibility_sha256": "fa528d3adef61d199a8348ffb48ef0143603ea2e0ad007121c39edc6e3aeb567", "approval_deadline_s": 1209600}');
INSERT INTO "benchmark" VALUES(3,2,'refused','REJECTED',11,2,3,'{"name": "refused", "description": "", "preparator_id": 1, "reference_model_id": 2, "metrics_id": 3, "contract": {"metrics": [{"name": "auroc", "path": "auc.value", "unit": "1", "direction": "higher", "minimum": 0.0, "maximum": 1.0, "decimals": 4, "primary": true, "variance_path": "auc.variance"}, {"name": "brier", "path": "brier", "unit": "1", "direction": "higher", "minimum": 0.0, "maximum": 1.0, "decimals": 4, "primary": false, "variance_path": null}], "n_cases_path": "n_cases", "statistics": [{"name": "mean_age", "path": "age.mean", "decimals": 2}]}, "datasets": {"mode": "NEVER", "allow": []}, "models": {"mode": "NEVER", "allow": []}, "demo_dataset_sha256": "2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea", "compatibility_sha256": "fa528d3adef61d199a8348ffb48ef0143603ea2e0ad007121c39edc6e3aeb567", "approval_deadline_s": 1209600}');
INSERT INTO "benchmark" VALUES(4,2,'undecided','PENDING',12,2,3,'{"name": "undecided", "description": "", "preparator_id": 7, "reference_model_id": 2, "metrics_id": 3, "contract": {"metrics": [{"name": "auroc", "path": "auc.value", "unit": "1", "direction": "higher", "minimum": 0.0, "maximum": 1.0, "decimals": 4, "primary": true, "variance_path": "auc.variance"}, {"name": "brier", "path": "brier", "unit": "1", "direction": "higher", "minimum": 0.0, "maximum": 1.0, "decimals": 4, "primary": false, "variance_path": null}], "n_cases_path": "n_cases", "statistics": [{"name": "mean_age", "path": "age.mean", "decimals": 2}]}, "datasets": {"mode": "ALWAYS", "allow": []}, "models": {"mode": "NEVER", "allow": []}, "demo_dataset_sha256": "2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea", "compatibility_sha256": "fa528d3adef61d199a8348ffb48ef0143603ea2e0ad007121c39edc6e3aeb567", "approval_deadline_s": 1209600}');
CREATE TABLE cube (
	id INTEGER NOT NULL, 
	owner_id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(owner_id) REFERENCES user_account (id), 
	UNIQUE (name), 
	UNIQUE (digest)
);
INSERT INTO "cube" VALUES(1,2,'prep','preparator','c5716f5629fbd4daf76070d74b3e17eaa803d718f122e61b7efb9783d95a49a6','{"name": "prep", "kind": "preparator", "config": {"container_type": "DockerImage", "image": "example/cube:1", "tasks": {"prepare": {"run_args": {"environment": {}}, "input_volumes": {}, "output_volumes": {"output_path": {"mount_path": "/mlcommons/volumes/output_path", "type": "directory"}, "output_labels_path": {"mount_path": "/mlcommons/volumes/output_labels_path", "type": "directory"}}}}}, "parameters": {}, "artifacts": {"source": "b10b18f906fcd1ca87847667a5011cd5974171625d4173caf48507d49d5d68ee"}, "additional_files_url": null, "additional_files_sha256": null, "digest": "c5716f5629fbd4daf76070d74b3e17eaa803d718f122e61b7efb9783d95a49a6"}');
INSERT INTO "cube" VALUES(2,2,'reference','model','934e813ae73337918334c78060e1dd98d3354886a906a2f798e93442c474cc63','{"name": "reference", "kind": "model", "config": {"container_type": "DockerImage", "image": "example/cube:1", "tasks": {"infer": {"run_args": {"environment": {}}, "input_volumes": {}, "output_volumes": {"output_path": {"mount_path": "/mlcommons/volumes/output_path", "type": "directory"}}}}}, "parameters": {}, "artifacts": {"source": "52367a6622b19f08825e915fad80c542ad4f4c34dbcebad9f5007994b3e39208"}, "additional_files_url": null, "additional_files_sha256": null, "digest": "934e813ae73337918334c78060e1dd98d3354886a906a2f798e93442c474cc63"}');
INSERT INTO "cube" VALUES(3,2,'metrics','metrics','5e71dba349161c62a86f4514f52f8994070109961f045c6566f80f65d014d2b1','{"name": "metrics", "kind": "metrics", "config": {"container_type": "DockerImage", "image": "example/cube:1", "tasks": {"evaluate": {"run_args": {"environment": {}}, "input_volumes": {}, "output_volumes": {"output_path": {"mount_path": "/mlcommons/volumes/output_path", "type": "directory"}}}}}, "parameters": {}, "artifacts": {"source": "177a7ea3611fe6b138557deaf44941614b66c0ece1766308044c8b65c8ba2123"}, "additional_files_url": null, "additional_files_sha256": null, "digest": "5e71dba349161c62a86f4514f52f8994070109961f045c6566f80f65d014d2b1"}');
INSERT INTO "cube" VALUES(4,5,'Model-1','model','8786a89b7b424ce4390cbf7cd104f312651ce6f0cd2586fc3be96539bd6f011a','{"name": "Model-1", "kind": "model", "config": {"container_type": "DockerImage", "image": "example/cube:1", "tasks": {"infer": {"run_args": {"environment": {}}, "input_volumes": {}, "output_volumes": {"output_path": {"mount_path": "/mlcommons/volumes/output_path", "type": "directory"}}}}}, "parameters": {}, "artifacts": {"source": "2f2509333e432b18d26a167631ac7b1f165be46b1608fc6aacbad95384728084"}, "additional_files_url": null, "additional_files_sha256": null, "digest": "8786a89b7b424ce4390cbf7cd104f312651ce6f0cd2586fc3be96539bd6f011a"}');
INSERT INTO "cube" VALUES(5,5,'model l','model','5e0a580c560a9bf7dd5260fc96c3b36545afd1988cda411e72255444d8de3da4','{"name": "model l", "kind": "model", "config": {"container_type": "DockerImage", "image": "example/cube:1", "tasks": {"infer": {"run_args": {"environment": {}}, "input_volumes": {}, "output_volumes": {"output_path": {"mount_path": "/mlcommons/volumes/output_path", "type": "directory"}}}}}, "parameters": {}, "artifacts": {"source": "e02ffed7a03704b7ac75f70f62e4c216bab0ecad327c159477b5b6c82ba2432f"}, "additional_files_url": null, "additional_files_sha256": null, "digest": "5e0a580c560a9bf7dd5260fc96c3b36545afd1988cda411e72255444d8de3da4"}');
INSERT INTO "cube" VALUES(6,4,'third model','model','fc90172bcf56fc20946bc2dcd4be2d624fd63150152ec49c2ad758ed2909555e','{"name": "third model", "kind": "model", "config": {"container_type": "DockerImage", "image": "example/cube:1", "tasks": {"infer": {"run_args": {"environment": {}}, "input_volumes": {}, "output_volumes": {"output_path": {"mount_path": "/mlcommons/volumes/output_path", "type": "directory"}}}}}, "parameters": {}, "artifacts": {"source": "ed7893240f885f30505647c892cc9ec6e86427dad3604a899d422580d7a42eb1"}, "additional_files_url": null, "additional_files_sha256": null, "digest": "fc90172bcf56fc20946bc2dcd4be2d624fd63150152ec49c2ad758ed2909555e"}');
INSERT INTO "cube" VALUES(7,2,'prep 2','preparator','c8dc0c64c5dbb86dd44121b66ad889d53dbcfa0e6012367236fc9c45627a4ff5','{"name": "prep 2", "kind": "preparator", "config": {"container_type": "DockerImage", "image": "example/cube:1", "tasks": {"prepare": {"run_args": {"environment": {}}, "input_volumes": {}, "output_volumes": {"output_path": {"mount_path": "/mlcommons/volumes/output_path", "type": "directory"}, "output_labels_path": {"mount_path": "/mlcommons/volumes/output_labels_path", "type": "directory"}}}}}, "parameters": {}, "artifacts": {"source": "90c0153d23546b5977c0bc89f1aea2b5896d50fb273ad8693a21e50b70394c8b"}, "additional_files_url": null, "additional_files_sha256": null, "digest": "c8dc0c64c5dbb86dd44121b66ad889d53dbcfa0e6012367236fc9c45627a4ff5"}');
INSERT INTO "cube" VALUES(8,2,'metrics 2','metrics','17a0defb6983a48a2505fe44a0d0205d998ddd7f2cd1da7662dc119c7e64daa5','{"name": "metrics 2", "kind": "metrics", "config": {"container_type": "DockerImage", "image": "example/cube:1", "tasks": {"evaluate": {"run_args": {"environment": {}}, "input_volumes": {}, "output_volumes": {"output_path": {"mount_path": "/mlcommons/volumes/output_path", "type": "directory"}}}}}, "parameters": {}, "artifacts": {"source": "58f196de25c0baa5edc561852bb940c62ef6d6da96824121330549b89886c4a3"}, "additional_files_url": null, "additional_files_sha256": null, "digest": "17a0defb6983a48a2505fe44a0d0205d998ddd7f2cd1da7662dc119c7e64daa5"}');
CREATE TABLE dataset (
	id INTEGER NOT NULL, 
	owner_id INTEGER NOT NULL, 
	benchmark_id INTEGER NOT NULL, 
	site VARCHAR NOT NULL, 
	raw_digest VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	prepared_digest VARCHAR, 
	released_sha256 VARCHAR, 
	statistics JSON NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (owner_id, benchmark_id, raw_digest), 
	FOREIGN KEY(owner_id) REFERENCES user_account (id), 
	FOREIGN KEY(benchmark_id) REFERENCES benchmark (id)
);
INSERT INTO "dataset" VALUES(1,3,1,'site-a','69136aea1e280cf67e22752e5e2116f527ab9b8e60be0674c8c24be9b56da5c4','OPERATION','f5e3074929c93e601a6416b524fd9af7ede6d46918f0560a3c68ba9b81fbc3c8','c53386f4e2a42e7ccddb056bf146b6ae2c9890cffb6ba1601810e3bf1daa5b8d','{"mean_age": 54.5}','{"name": "aspirates of site-a", "description": "", "location": "Utrecht", "site": "site-a", "benchmark_id": 1, "raw_digest": "69136aea1e280cf67e22752e5e2116f527ab9b8e60be0674c8c24be9b56da5c4", "statistics_release": "person", "results_release": "person"}');
INSERT INTO "dataset" VALUES(2,4,1,'site-b','89f7c958046f9690cdfe7936ccb54754c44ee363d10805b328cc01f88dec6816','OPERATION','aeea6d3772f96ffdce1ab73256538234bd8c94ad4a9bc86da1035729bc788e34','ad37209734038b580cc8c81eff8e7dbd61dbc4a1a14aa0b51540edb3853966e0','{"mean_age": 54.5}','{"name": "aspirates of site-b", "description": "", "location": "Utrecht", "site": "site-b", "benchmark_id": 1, "raw_digest": "89f7c958046f9690cdfe7936ccb54754c44ee363d10805b328cc01f88dec6816", "statistics_release": "person", "results_release": "always"}');
INSERT INTO "dataset" VALUES(3,3,2,'site-a','69136aea1e280cf67e22752e5e2116f527ab9b8e60be0674c8c24be9b56da5c4','DEVELOPMENT',NULL,NULL,'{}','{"name": "aspirates of site-a", "description": "", "location": "Utrecht", "site": "site-a", "benchmark_id": 2, "raw_digest": "69136aea1e280cf67e22752e5e2116f527ab9b8e60be0674c8c24be9b56da5c4", "statistics_release": "person", "results_release": "person"}');
INSERT INTO "dataset" VALUES(4,7,1,'site-c','c76e412bb66a6df177cc079ed902f140b67a1804244cc8c02a1e7fd1ba9e59ac','OPERATION','8c785a7cef53bca46c1bbd559582f9ccc3580270a8c6ebf4a153a98b5eda0bcd','9c0aeace124820ea36896d6727fc17fa0fbe60969e92536350464a3717a6a32c','{"mean_age": 54.5}','{"name": "aspirates of site-c", "description": "", "location": "Utrecht", "site": "site-c", "benchmark_id": 1, "raw_digest": "c76e412bb66a6df177cc079ed902f140b67a1804244cc8c02a1e7fd1ba9e59ac", "statistics_release": "person", "results_release": "person"}');
INSERT INTO "dataset" VALUES(5,7,1,'site-d','a98a845c777174dcae16397ea2434372513847a04e63e4f7bc764987252e3f1d','DEVELOPMENT',NULL,NULL,'{}','{"name": "aspirates of site-d", "description": "not prepared yet", "location": "Utrecht", "site": "site-d", "benchmark_id": 1, "raw_digest": "a98a845c777174dcae16397ea2434372513847a04e63e4f7bc764987252e3f1d", "statistics_release": "person", "results_release": "person"}');
CREATE TABLE decision_code (
	id INTEGER NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	approval_id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	decision JSON NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (sha256), 
	FOREIGN KEY(approval_id) REFERENCES approval (id), 
	FOREIGN KEY(user_id) REFERENCES user_account (id)
);
INSERT INTO "decision_code" VALUES(1,'5930782d1c6080c79f431adadf0aaa3898bf0d453ce7a65e432b8d1735f89ec0',19,7,'{"decision": "GRANT", "shown_sha256": "70387b925330942cd524b077da939f8000793448edb277e021f74f44d8946a77", "reason": "", "held_back": []}','2026-03-02 09:15:00.000000',NULL);
CREATE TABLE execution (
	id INTEGER NOT NULL, 
	benchmark_id INTEGER NOT NULL, 
	dataset_id INTEGER NOT NULL, 
	model_id INTEGER NOT NULL, 
	metrics_id INTEGER NOT NULL, 
	claim_key VARCHAR NOT NULL, 
	attempt INTEGER NOT NULL, 
	fencing_token INTEGER NOT NULL, 
	lapses INTEGER NOT NULL, 
	lease_until DATETIME NOT NULL, 
	status VARCHAR NOT NULL, 
	code VARCHAR, 
	sha256 VARCHAR, 
	inputs JSON NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (benchmark_id, dataset_id, model_id, attempt), 
	FOREIGN KEY(benchmark_id) REFERENCES benchmark (id), 
	FOREIGN KEY(dataset_id) REFERENCES dataset (id), 
	FOREIGN KEY(model_id) REFERENCES cube (id), 
	FOREIGN KEY(metrics_id) REFERENCES cube (id)
);
INSERT INTO "execution" VALUES(1,1,1,2,3,'first-run',1,1,0,'2026-03-02 09:02:00.000000','SUPERSEDED',NULL,'f671a209a855438342a56aff77a0bf07ac534631be7a07f35e0794d93c4dd882','{"model": "9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"}');
INSERT INTO "execution" VALUES(2,1,1,2,8,'second-run',2,2,0,'2026-03-02 09:02:00.000000','SUBMITTED',NULL,'6c61804cbc0d1458e5c8a4dc2539926e44bea273653b5b8249cbd14e31ac5aaa','{"model": "9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"}');
INSERT INTO "execution" VALUES(3,1,2,4,8,'site-b-run',1,1,0,'2026-03-02 09:02:00.000000','SUBMITTED',NULL,'1c3cdf8fb60e6accdbd71d603296e871d9d1c98ffcaa883356fc0c082f8ebba4','{"model": "9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"}');
INSERT INTO "execution" VALUES(4,1,1,4,8,'fails-run',1,1,0,'2026-03-02 09:02:00.000000','FAILED','cube_failed',NULL,'{}');
INSERT INTO "execution" VALUES(5,1,1,5,8,'held-run',1,1,0,'2026-03-02 09:02:00.000000','HELD_BACK',NULL,'529d5205f6b8b0c34e17fa03c489b976681788dc83d30da08e57ab7e3233f655','{"model": "9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"}');
INSERT INTO "execution" VALUES(6,1,2,5,8,'waits-run',1,1,0,'2026-03-02 09:02:00.000000','CLAIMED',NULL,NULL,'{}');
INSERT INTO "execution" VALUES(7,1,2,2,8,'under-way',1,1,0,'2026-03-02 09:02:00.000000','CLAIMED',NULL,NULL,'{}');
INSERT INTO "execution" VALUES(8,1,4,4,8,'third-run',1,1,0,'2026-03-02 09:02:00.000000','SCORED',NULL,'817bbdd4b6ef2166d74118d07663c95513a5036342e5fadca30ad6a9abdd2d5b','{"model": "9372c470eeadd5ecd9c3c74c2b3cb633f8e2f2fad799250a0f70d652b6b825e4"}');
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	subject VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	status VARCHAR NOT NULL, 
	failures INTEGER NOT NULL, 
	last_answer VARCHAR NOT NULL, 
	due_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "outbox" VALUES(1,'start_review','approval/1','{"approval_id": 1}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(2,'start_review','approval/3','{"approval_id": 3}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(3,'event','site/site-a','{"id": "46543e7a-42d4-48e6-8be1-129a2557ddbc", "occurred": "2026-03-02T09:00:00+00:00", "event": "rounds.association.approved", "resource": {"prefect.resource.id": "rounds.site.site-a"}, "payload": {"association_id": 1, "benchmark_id": 1, "dataset_id": 1, "model_id": null}}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(4,'start_review','approval/5','{"approval_id": 5}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(5,'event','site/site-b','{"id": "393e8b5e-30a1-41ab-b4a8-741ec414b108", "occurred": "2026-03-02T09:00:00+00:00", "event": "rounds.association.approved", "resource": {"prefect.resource.id": "rounds.site.site-b"}, "payload": {"association_id": 2, "benchmark_id": 1, "dataset_id": 2, "model_id": null}}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(6,'event','site/site-a','{"id": "a61fdc9c-4c75-4403-a13b-3cbb87caa6fb", "occurred": "2026-03-02T09:00:00+00:00", "event": "rounds.association.approved", "resource": {"prefect.resource.id": "rounds.site.site-a"}, "payload": {"association_id": 3, "benchmark_id": 1, "dataset_id": null, "model_id": 4}}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(7,'event','site/site-b','{"id": "85d8191a-cc26-4ba1-800f-6d4b70242b3f", "occurred": "2026-03-02T09:00:00+00:00", "event": "rounds.association.approved", "resource": {"prefect.resource.id": "rounds.site.site-b"}, "payload": {"association_id": 3, "benchmark_id": 1, "dataset_id": null, "model_id": 4}}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(8,'event','site/site-a','{"id": "4dda4503-2b14-4d21-85dd-29de73d7f692", "occurred": "2026-03-02T09:00:00+00:00", "event": "rounds.association.approved", "resource": {"prefect.resource.id": "rounds.site.site-a"}, "payload": {"association_id": 4, "benchmark_id": 1, "dataset_id": null, "model_id": 5}}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(9,'event','site/site-b','{"id": "7c01676e-22dd-4ea9-b627-3f3ebba7b882", "occurred": "2026-03-02T09:00:00+00:00", "event": "rounds.association.approved", "resource": {"prefect.resource.id": "rounds.site.site-b"}, "payload": {"association_id": 4, "benchmark_id": 1, "dataset_id": null, "model_id": 5}}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(10,'start_review','approval/8','{"approval_id": 8}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(11,'start_review','approval/9','{"approval_id": 9}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(12,'start_review','approval/10','{"approval_id": 10}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(13,'start_review','approval/11','{"approval_id": 11}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(14,'start_review','approval/12','{"approval_id": 12}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(15,'event','site/site-a','{"id": "032452dc-8766-4676-8536-009ddd04d74f", "occurred": "2026-03-02T09:00:00+00:00", "event": "rounds.metrics.changed", "resource": {"prefect.resource.id": "rounds.site.site-a"}, "payload": {"benchmark_id": 1, "metrics_id": 8}}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(16,'event','site/site-b','{"id": "a84d66bd-6382-4508-ad8b-798868a56b5a", "occurred": "2026-03-02T09:00:00+00:00", "event": "rounds.metrics.changed", "resource": {"prefect.resource.id": "rounds.site.site-b"}, "payload": {"benchmark_id": 1, "metrics_id": 8}}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(17,'start_review','approval/18','{"approval_id": 18}','waiting',0,'','2026-03-02 09:00:00.000000');
INSERT INTO "outbox" VALUES(18,'event','site/site-c','{"id": "276839a8-4fde-4071-a58c-5d2b6cd89821", "occurred": "2026-03-02T09:00:00+00:00", "event": "rounds.association.approved", "resource": {"prefect.resource.id": "rounds.site.site-c"}, "payload": {"association_id": 7, "benchmark_id": 1, "dataset_id": 4, "model_id": null}}','waiting',0,'','2026-03-02 09:00:00.000000');
CREATE TABLE result (
	id INTEGER NOT NULL, 
	execution_id INTEGER NOT NULL, 
	approval_id INTEGER NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	metrics JSON NOT NULL, 
	n_cases INTEGER NOT NULL, 
	received_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (execution_id), 
	FOREIGN KEY(execution_id) REFERENCES execution (id), 
	FOREIGN KEY(approval_id) REFERENCES approval (id)
);
INSERT INTO "result" VALUES(1,1,13,'f671a209a855438342a56aff77a0bf07ac534631be7a07f35e0794d93c4dd882','{"auroc": {"score": 0.9, "variance": 0.01}, "brier": {"score": 0.2, "variance": null}}',25,'2026-03-02 09:00:00.000000');
INSERT INTO "result" VALUES(2,2,14,'6c61804cbc0d1458e5c8a4dc2539926e44bea273653b5b8249cbd14e31ac5aaa','{"auroc": {"score": 0.9, "variance": 0.01}, "brier": {"score": 0.2, "variance": null}}',25,'2026-03-02 09:00:00.000000');
INSERT INTO "result" VALUES(3,3,15,'1c3cdf8fb60e6accdbd71d603296e871d9d1c98ffcaa883356fc0c082f8ebba4','{"auroc": {"score": 0.9, "variance": 0.01}, "brier": {"score": 0.2, "variance": null}}',25,'2026-03-02 09:00:00.000000');
CREATE TABLE token (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	label VARCHAR NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	scopes JSON NOT NULL, 
	site VARCHAR, 
	expires_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(user_id) REFERENCES user_account (id), 
	UNIQUE (sha256)
);
INSERT INTO "token" VALUES(1,1,'init','7e81ac7b4d696f25b54dd09a9b59b169527cae085458a310f2d2936028028f33','["decide", "read", "write"]',NULL,'2027-11-21 10:56:53.641113',NULL);
INSERT INTO "token" VALUES(2,2,'all','0d637c79391d67dc176a7bce64017d1c2554f1f3fe10e2bda130f48901ea1200','["decide", "read", "write"]',NULL,'2026-04-01 09:00:00.000000',NULL);
INSERT INTO "token" VALUES(3,3,'all','19f03aa0dd6ea05395b331bedf1727f677ad14e8b350298212a81740b79a7ef4','["decide", "read", "write"]',NULL,'2026-04-01 09:00:00.000000',NULL);
INSERT INTO "token" VALUES(4,4,'all','60d8609852143e7e1c7d509ba871d9ee1b8a3b6e3dfa4e89aa7acca5fb2c54fa','["decide", "read", "write"]',NULL,'2026-04-01 09:00:00.000000',NULL);
INSERT INTO "token" VALUES(5,5,'all','828bb24b90b10986686947adaddf6479a1ed6ab9d047cf8af8867a67157ce034','["decide", "read", "write"]',NULL,'2026-04-01 09:00:00.000000',NULL);
INSERT INTO "token" VALUES(6,6,'reads','df6c13bf577187c53a03fa77f50dcd6398d36d38a6966bad957ce6cfc60beac4','["read"]',NULL,'2026-04-01 09:00:00.000000',NULL);
INSERT INTO "token" VALUES(7,6,'nothing','c4e8406c6010f34c6c852595e321930166fcdff54f8f17b7f056d987eb4bf233','[]',NULL,'2026-04-01 09:00:00.000000',NULL);
INSERT INTO "token" VALUES(8,6,'site','0d329b23ae40294209fc45c522c3e7e16ff5a4ff8dda26e320b6cb86c48defd8','["decide", "read", "write"]','site-a','2026-04-01 09:00:00.000000',NULL);
INSERT INTO "token" VALUES(9,1,'admin without deciding','38ad6086cd37b448f2e17659bc819bab792083b3faea1b14b4a79dd95967a3f9','["read", "write"]',NULL,'2026-04-01 09:00:00.000000',NULL);
INSERT INTO "token" VALUES(10,1,'admin at a site','3f593fdc33dc5f49d551c2d7ffee1dd78080a08d963ddd201fa3a47a0148f6d5','["decide", "read", "write"]','site-a','2026-04-01 09:00:00.000000',NULL);
INSERT INTO "token" VALUES(11,1,'revoked','d46e475d02be2e0eeb08bb3e3227a88e49d32f1a5463f69c3c54b4f268932ea3','["read", "write"]',NULL,'2026-04-01 09:00:00.000000','2026-03-02 09:00:00.000000');
INSERT INTO "token" VALUES(12,7,'all','fc8693e174201e199c50d0a74397364f4cdb4980515cf1e873c7a15d80ee10aa','["decide", "read", "write"]',NULL,'2026-04-01 09:00:00.000000',NULL);
CREATE TABLE user_account (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	email VARCHAR NOT NULL, 
	is_admin BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (email)
);
INSERT INTO "user_account" VALUES(1,'Ada','admin@hub.example',1);
INSERT INTO "user_account" VALUES(2,'committee','committee@example.org',0);
INSERT INTO "user_account" VALUES(3,'owner','owner@example.org',0);
INSERT INTO "user_account" VALUES(4,'second','second@example.org',0);
INSERT INTO "user_account" VALUES(5,'maker','maker@example.org',0);
INSERT INTO "user_account" VALUES(6,'reader','reader@example.org',0);
INSERT INTO "user_account" VALUES(7,'third','third@example.org',0);
CREATE INDEX ix_outbox_status ON outbox (status);
CREATE INDEX ix_token_user_id ON token (user_id);
CREATE INDEX ix_cube_kind ON cube (kind);
CREATE INDEX ix_cube_owner_id ON cube (owner_id);
CREATE INDEX ix_benchmark_owner_id ON benchmark (owner_id);
CREATE INDEX ix_benchmark_reference_model_id ON benchmark (reference_model_id);
CREATE INDEX ix_dataset_site ON dataset (site);
CREATE INDEX ix_dataset_benchmark_id ON dataset (benchmark_id);
CREATE INDEX ix_dataset_owner_id ON dataset (owner_id);
CREATE INDEX ix_association_benchmark_id ON association (benchmark_id);
CREATE INDEX ix_association_dataset_id ON association (dataset_id);
CREATE INDEX ix_association_model_id ON association (model_id);
CREATE INDEX ix_execution_benchmark_id ON execution (benchmark_id);
CREATE INDEX ix_execution_model_id ON execution (model_id);
CREATE INDEX ix_execution_status ON execution (status);
CREATE INDEX ix_execution_dataset_id ON execution (dataset_id);
CREATE INDEX ix_execution_lease_until ON execution (lease_until);
CREATE INDEX ix_approval_deadline ON approval (deadline);
CREATE INDEX ix_approval_benchmark_id ON approval (benchmark_id);
CREATE INDEX ix_approval_is_open ON approval (is_open);
CREATE INDEX ix_approval_model_id ON approval (model_id);
CREATE INDEX ix_approval_dataset_id ON approval (dataset_id);
CREATE INDEX ix_approval_kind ON approval (kind);
COMMIT;
